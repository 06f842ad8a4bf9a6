// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/macros.h"
#include "vm/watch/tests.h"

static bool tests_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What follows the word if the line begins with it and a blank, else NULL. */
static const char *tests_after(const char *line, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(line, word, len) ||
	    (line[len] && !tests_is_blank(line[len])))
		return NULL;
	return line + len + strspn(line + len, " \t");
}

/* Take a number that ends with a blank or the line. */
static bool tests_take_number(const char **text, unsigned long *number)
{
	size_t len = strspn(*text, "0123456789");

	/* No list has a billion tests, and none overflows. */
	if (!len || len > 9 || ((*text)[len] && !tests_is_blank((*text)[len])))
		return false;
	*number = strtoul(*text, NULL, 10);
	*text += len;
	return true;
}

/* As prove has it: what follows the first `#' that has no backslash. */
static bool tests_has_directive(const char *text)
{
	while (*text && *text != '#')
		text += *text == '\\' && text[1] ? 2 : 1;
	if (!*text)
		return false;
	text += 1 + strspn(text + 1, " \t");
	if (strncasecmp(text, "todo", 4) && strncasecmp(text, "skip", 4))
		return false;
	return !isalnum((unsigned char)text[4]) && text[4] != '_';
}

static void tests_fail(struct tests *tests, const char *format, ...)
	__printf(2, 3);

static void tests_fail(struct tests *tests, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (tests->failed < TESTS_KEPT)
		vsnprintf(tests->kept[tests->failed], TESTS_TEXT, format, args);
	va_end(args);
	tests->failed++;
}

static void tests_end_list(struct tests *tests)
{
	const struct tests_list *list = &tests->list[--tests->depth];
	unsigned long before = tests->failed;

	if (tests->is_bailed)
		return;
	if (list->is_tap && !list->has_plan)
		tests_fail(tests, "no plan came, %lu test%s did", list->came,
			   list->came == 1 ? "" : "s");
	if (list->has_plan && list->came != list->planned)
		tests_fail(tests, "%lu test%s planned, %lu came", list->planned,
			   list->planned == 1 ? " was" : "s were", list->came);
	else if (list->has_plan && list->odd)
		tests_fail(tests, "test %lu came in the place of test %lu",
			   list->odd, list->expected);
	tests->faults += tests->failed - before;
}

static void tests_begin_list(struct tests *tests, size_t indent)
{
	if (tests->depth < TESTS_DEPTH)
		tests->list[tests->depth++] =
			(struct tests_list){ .indent = indent };
}

/* The list whose lines are indented so. */
static struct tests_list *tests_find_list(struct tests *tests, size_t indent)
{
	while (tests->depth && tests->list[tests->depth - 1].indent > indent)
		tests_end_list(tests);
	if (!tests->depth || tests->list[tests->depth - 1].indent < indent)
		tests_begin_list(tests, indent);
	return &tests->list[tests->depth - 1];
}

/* The same, but one that begins here. */
static struct tests_list *tests_new_list(struct tests *tests, size_t indent)
{
	struct tests_list *list = tests_find_list(tests, indent);

	if (list->indent == indent) {
		tests_end_list(tests);
		tests_begin_list(tests, indent);
	}
	return list;
}

/*
 * Test 1 has come.  It may be the first of a list which follows one that is
 * complete or has no plan, or it may be the first after its plan, and what came
 * before was none of this list.
 */
static struct tests_list *tests_begin_again(struct tests *tests, size_t indent)
{
	struct tests_list *list = &tests->list[tests->depth - 1];

	if (!list->came)
		return list;
	if (!list->has_plan || list->came == list->planned)
		return tests_new_list(tests, indent);
	if (list->came == list->early) {
		list->came = 0;
		list->odd = 0;
	}
	return list;
}

/* A test in the list: `rest' is what follows "ok". */
static void tests_count(struct tests *tests, size_t indent, const char *rest)
{
	struct tests_list *list = tests_find_list(tests, indent);
	unsigned long number;
	bool has_number = tests_take_number(&rest, &number);

	if (list->indent != indent)
		return;
	if (has_number && number == 1)
		list = tests_begin_again(tests, indent);
	list->came++;
	if (has_number && number != list->came && !list->odd) {
		list->odd = number;
		list->expected = list->came;
	}
}

/* "1..N", and perhaps a comment */
static bool tests_take_plan(struct tests *tests, size_t indent,
			    const char *line)
{
	struct tests_list *list;
	unsigned long planned;

	if (strncmp(line, "1..", 3))
		return false;
	line += 3;
	if (!tests_take_number(&line, &planned))
		return false;
	line += strspn(line, " \t");
	if (*line && *line != '#')
		return false;

	list = tests_find_list(tests, indent);
	if (list->has_plan && list->indent == indent)
		list = tests_new_list(tests, indent);
	if (list->indent == indent) {
		list->has_plan = true;
		list->planned = planned;
		list->early = list->came;
	}
	return true;
}

static bool tests_take_version(struct tests *tests, size_t indent,
			       const char *line)
{
	struct tests_list *list;
	bool is_tap = tests_after(line, "TAP version");

	if (!is_tap && !tests_after(line, "KTAP version"))
		return false;
	list = tests_new_list(tests, indent);
	list->is_tap |= is_tap;
	return true;
}

/* Skip the level, time and caller before a kernel message: "<6>[  1.234567][ T1] " */
static const char *tests_message(const char *line)
{
	const char *at = line;

	if (*at == '<')
		at += 1 + strspn(at + 1, "0123456789");
	if (at > line && *at++ != '>')
		return line;
	if (*at++ != '[')
		return line;
	at += strspn(at, " ");
	if (!isdigit((unsigned char)*at))
		return line;
	at += strspn(at, "0123456789.");
	if (*at++ != ']')
		return line;
	if (*at == '[' && strchr(at, ']'))
		at = strchr(at, ']') + 1;
	return *at == ' ' ? at + 1 : line;
}

static void tests_take_line(struct tests *tests)
{
	const char *line = tests_message(tests->line), *rest;
	size_t indent = strspn(line, " \t");

	line += indent;
	if (tests_take_version(tests, indent, line) ||
	    tests_take_plan(tests, indent, line))
		return;
	if (!strncmp(line, "Bail out!", 9)) {
		tests_fail(tests, "%s", line);
		tests->faults++;
		tests->is_bailed = true;
		return;
	}

	rest = tests_after(line, "ok");
	if (rest) {
		tests->passed++;
		tests_count(tests, indent, rest);
		return;
	}
	rest = tests_after(line, "not ok");
	if (!rest)
		return;
	tests_count(tests, indent, rest);
	if (!tests_has_directive(rest))
		tests_fail(tests, "%s", line);
}

static void tests_end_line(struct tests *tests)
{
	if (tests->count && tests->line[tests->count - 1] == '\r')
		tests->count--;
	tests->line[tests->count] = '\0';
	tests_take_line(tests);
	tests->count = 0;
}

void tests_finish(struct tests *tests)
{
	tests_end_line(tests);
	while (tests->depth)
		tests_end_list(tests);
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
			tests_end_line(tests);
			len++;
		}
	}
}
