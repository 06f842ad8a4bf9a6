// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "tests.h"

/* What follows the word if the line begins with it, else NULL. */
static const char *after(const char *line, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(line, word, len) || isalnum((unsigned char)line[len]))
		return NULL;
	return line + len;
}

static bool has_directive(const char *line)
{
	while ((line = strchr(line, '#'))) {
		line += 1 + strspn(line + 1, " ");
		if (!strncasecmp(line, "todo", 4) ||
		    !strncasecmp(line, "skip", 4))
			return true;
	}
	return false;
}

static void take_line(struct tests *tests)
{
	const char *line = tests->line + strspn(tests->line, " \t");
	const char *rest;

	if (after(line, "ok"))
		tests->passed++;
	rest = after(line, "not ok");
	if (!rest || has_directive(rest))
		return;
	if (tests->failed < TESTS_KEPT)
		memcpy(tests->kept[tests->failed], line, strlen(line) + 1);
	tests->failed++;
}

void tests_finish(struct tests *tests)
{
	if (tests->count && tests->line[tests->count - 1] == '\r')
		tests->count--;
	tests->line[tests->count] = '\0';
	take_line(tests);
	tests->count = 0;
}

void tests_feed(struct tests *tests, const char *bytes, size_t count)
{
	const char *end;
	size_t len, n;

	for (; count; bytes += len, count -= len) {
		end = memchr(bytes, '\n', count);
		len = end ? (size_t)(end - bytes) : count;
		n = TESTS_LINE - 1 - tests->count;
		if (n > len)
			n = len;
		memcpy(tests->line + tests->count, bytes, n);
		tests->count += n;
		if (end) {
			tests_finish(tests);
			len++;
		}
	}
}
