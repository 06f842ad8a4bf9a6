// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/str.h"
#include "lib/why.h"
#include "step/notes.h"
#include "step/script.h"
#include "step/stale.h"

/* Do the notes STAMP.suffix hold? */
static int stale_ask_notes(bool *ret, const char *stamp, const char *suffix)
{
	char *path = str_printf("%s.%s", stamp, suffix);
	int err = notes_hold(ret, path);

	free(path);
	return err;
}

static bool stale_is_begun(const char *stamp)
{
	char *path = str_printf("%s.new", stamp);
	bool begun = !access(path, F_OK);

	free(path);
	return begun;
}

int stale_is(bool *ret, const char *stamp, const char *script)
{
	bool good = false;
	char *was;
	int err;

	*ret = true;
	if (stale_is_begun(stamp))
		return 0;

	err = file_read(&was, stamp);
	if (err)
		return err == -ENOENT ? 0 : err;
	good = script_is_stamped(script, was, stamp);
	free(was);
	if (good)
		err = stale_ask_notes(&good, stamp, "in");
	if (good && !err)
		err = stale_ask_notes(&good, stamp, "out");

	*ret = !good;
	return err;
}

/* Take the line from *list and end it, or return NULL if it has no end. */
static char *stale_take_line(char **list)
{
	char *line = *list;
	char *end = strchr(line, '\n');

	if (!end)
		return NULL;
	*end = '\0';
	*list = end + 1;
	return line;
}

/* Take the lines behind a tab from *list; returns them without it, or NULL if there are none. */
static char *stale_take_script(char **list)
{
	char *script = *list, *to = *list;
	char *line;
	size_t len;

	while (**list == '\t') {
		line = stale_take_line(list);
		if (!line)
			return NULL;
		len = strlen(line + 1);
		memmove(to, line + 1, len);
		to += len;
		*to++ = '\n';
	}
	if (to == *list)
		return NULL;
	*to = '\0';
	return script;
}

int stale_print(FILE *out, char *list, char **why)
{
	char *line = stale_take_line(&list);
	char *script;
	bool stale;
	int err;

	if (!line || strcmp(line, "steps " STALE_VERSION))
		return why_set(why, -EPROTO, "the list does not have version " STALE_VERSION
			       ", which this program expects");

	while ((line = stale_take_line(&list))) {
		/* make puts a blank between the steps. */
		line += strspn(line, " ");
		if (!strcmp(line, "end"))
			break;
		script = stale_take_script(&list);
		if (strncmp(line, "step ", 5) || !script)
			return why_set(why, -EPROTO, "the list is broken at '%s'", line);
		err = stale_is(&stale, line + 5, script);
		if (err)
			return why_set(why, err, "cannot read the notes in %s*: %s",
				       line + 5, strerror(-err));
		if (stale)
			fprintf(out, "%s\n", line + 5);
	}
	if (!line)
		return why_set(why, -EPROTO, "the list has no end");

	fputs("asked\n", out);
	return fflush(out) ? why_set(why, -errno, "cannot answer: %s", strerror(errno)) : 0;
}
