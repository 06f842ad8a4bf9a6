// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/macros.h"
#include "lib/text.h"
#include "vm/client/holders.h"
#include "vm/client/module.h"

/* Prints open files by process.  Starts few programs because they are slow. */
static const char script[] =
	"for p in /proc/[0-9]*; do\n"
	"	read -r c <$p/comm && echo \"$p $c\"\n"
	"done 2>/dev/null\n"
	"ls -l /proc/[0-9]*/fd 2>/dev/null\n"
	"cat /proc/mounts";

/* Devices that any process may have open. */
static const char *const common[] = {
	"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom",
	"/dev/console", "/dev/tty", "/dev/hvc", "/dev/pts/", "/dev/ptmx",
	"/dev/kmsg", "/dev/vport", "/dev/shm/",
};

static bool holders_is_suspect(const char *path, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(common); i++)
		if (len >= strlen(common[i]) &&
		    !memcmp(path, common[i], strlen(common[i])))
			return false;
	return len > 5 && (!memcmp(path, "/dev/", 5) ||
			   !memcmp(path, "/sys/", 5));
}

/* Does the path contain the module's name?  '-' and '_' are the same. */
static bool holders_is_named(const char *path, size_t len, const char *module)
{
	size_t count = strlen(module);
	size_t i;

	for (; len >= count; path++, len--) {
		for (i = 0; i < count; i++)
			if (path[i] != module[i] &&
			    (path[i] != '-' || module[i] != '_'))
				break;
		if (i == count)
			return true;
	}
	return false;
}

/* The first lines are "/proc/PID NAME". */
static void holders_put_process(FILE *out, const char *text, const char *pid,
				size_t len)
{
	fputs("process ", out);
	text_print(out, pid + 6, len - 6);
	for (; !strncmp(text, "/proc/", 6); text += strcspn(text, "\n") + 1) {
		if (strncmp(text, pid, len) || text[len] != ' ')
			continue;
		fputs(" (", out);
		text_print(out, text + len + 1, strcspn(text + len + 1, "\n"));
		putc(')', out);
		return;
	}
}

/* Print the processes that have such a file open. */
static void holders_look(FILE *out, const char *text, const char *module)
{
	const char *pid = NULL, *line, *path;
	size_t len, size, pid_len = 0;

	for (line = text; *line; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		if (!strncmp(line, "/proc/", 6) && len > 4 &&
		    !memcmp(line + len - 4, "/fd:", 4)) {
			pid = line;
			pid_len = len - 4;
		}
		path = memmem(line, len, " -> /", 5);
		if (!path || !pid)
			continue;
		path += 4;
		size = line + len - path;
		if (module ? !holders_is_named(path, size, module) :
			     !holders_is_suspect(path, size))
			continue;
		fputs(ftell(out) ? ", " : "", out);
		holders_put_process(out, text, pid, pid_len);
		fputs(" has ", out);
		text_print(out, path, size);
		fputs(" open", out);
	}
}

/* Lines of /proc/mounts are "DEVICE FOLDER TYPE ...". */
static void holders_look_at_mounts(FILE *out, const char *text,
				   const char *module)
{
	char folder[256], type[MODULE_NAME];
	const char *line;
	size_t len;

	for (line = text; *line; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		if (sscanf(line, "%*s %255s %63s", folder, type) != 2 ||
		    strcmp(type, module) || *folder != '/')
			continue;
		fputs(ftell(out) ? ", it is mounted on " :
		      "it is mounted on ", out);
		text_print(out, folder, strlen(folder));
	}
}

char *holders_read(const char *text, const char *module)
{
	char *found = NULL;
	size_t size;
	FILE *out;

	out = open_memstream(&found, &size);
	if (!out)
		return NULL;
	holders_look(out, text, module);
	holders_look_at_mounts(out, text, module);
	if (!ftell(out))
		holders_look(out, text, NULL);
	if (!fclose(out) && *found)
		return found;
	free(found);
	return NULL;
}

char *holders_find(struct dialog *dialog, const char *module)
{
	char *text, *found = NULL;
	int fd = dialog_file();

	if (fd < 0)
		return NULL;
	dialog_run(dialog, script, fd);
	if (!dialog_text(&text, fd)) {
		found = holders_read(text, module);
		free(text);
	}
	close(fd);
	return found;
}
