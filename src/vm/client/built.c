// SPDX-License-Identifier: GPL-2.0-only
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/str.h"
#include "vm/client/built.h"
#include "vm/client/module.h"

char *built_next(const char **text, const char *folder)
{
	const char *line = *text;
	size_t size = strcspn(line, "\n");
	size_t name = size;

	if (!size)
		return NULL;
	*text += size + (line[size] == '\n');
	/* A .o, before Linux 6.3 a .ko; since 6.13 relative to the folder. */
	while (name && line[name] != '.')
		name--;
	if (*line == '/')
		return str_printf("%.*s.ko", (int)name, line);
	return str_printf("%s/%.*s.ko", folder, (int)name, line);
}

static char *built_find_in(const char *folder, const char *name)
{
	char *order = str_printf("%s/modules.order", folder);
	char *text = NULL, *path = NULL;
	char found[MODULE_NAME];
	const char *next;

	if (file_read(&text, order) < 0)
		goto out_free_order;
	next = text;
	while ((path = built_next(&next, folder))) {
		module_name(found, path);
		if (!strcmp(found, name))
			break;
		free(path);
	}
	free(text);
out_free_order:
	free(order);
	return path;
}

char *built_find(const char *dir, const char *name)
{
	char *pattern = str_printf("%s/modules/*", dir);
	glob_t found = {};
	char *path = NULL;
	size_t i;

	if (!glob(pattern, 0, NULL, &found))
		for (i = 0; i < found.gl_pathc && !path; i++)
			path = built_find_in(found.gl_pathv[i], name);
	globfree(&found);
	free(pattern);
	return path;
}
