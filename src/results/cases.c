// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "lib/macros.h"
#include "results/bytes.h"
#include "results/cases.h"

/* A line of text, between these. */
struct cases_line {
	const char *at;
	const char *end;
};

static void cases_skip_blanks(struct cases_line *line)
{
	while (line->at < line->end && (*line->at == ' ' || *line->at == '\t'))
		line->at++;
}

/* Take the word if the line begins with it, and a blank or its end follows. */
static bool cases_take(struct cases_line *line, const char *word)
{
	size_t len = strlen(word);

	if (line->end - line->at < (ptrdiff_t)len ||
	    memcmp(line->at, word, len))
		return false;
	if (line->at + len < line->end && line->at[len] != ' ' &&
	    line->at[len] != '\t')
		return false;
	line->at += len;
	cases_skip_blanks(line);
	return true;
}

/* Skip the time before a kernel's message: "[    1.234567][   T1] " */
static void cases_skip_time(struct cases_line *line)
{
	const char *at = line->at;

	while (at < line->end && *at == '[') {
		at = memchr(at, ']', line->end - at);
		if (!at)
			return;
		at++;
	}
	if (at > line->at && at < line->end && *at == ' ')
		line->at = at + 1;
}

static bool cases_is_word(const char *at, const char *end, const char *word)
{
	size_t len = strlen(word);

	return end - at >= (ptrdiff_t)len && !strncasecmp(at, word, len) &&
	       (at + len == end || !isalnum((unsigned char)at[len]));
}

/* Take "# SKIP why" or "# TODO why" from the line's end; why, or NULL if it has none. */
static const char *cases_take_directive(struct cases_line *line)
{
	const char *hash, *at, *end = line->end;

	for (hash = line->at; hash < line->end && *hash != '#'; hash++)
		if (*hash == '\\')
			hash++;
	if (hash >= line->end)
		return NULL;
	for (at = hash + 1; at < line->end && *at == ' '; at++)
		;
	if (!cases_is_word(at, line->end, "skip") &&
	    !cases_is_word(at, line->end, "todo"))
		return NULL;
	line->end = hash;
	while (line->end > line->at && line->end[-1] == ' ')
		line->end--;
	for (at += 4; at < end && *at == ' '; at++)
		;
	return at;
}

/* What is left of the line names the test: "[NUMBER] [- ]NAME" */
static json_t *cases_name(struct cases_line line)
{
	struct cases_line rest = line;

	while (rest.at < rest.end && isdigit((unsigned char)*rest.at))
		rest.at++;
	if (rest.at < rest.end && *rest.at != ' ' && *rest.at != '\t')
		rest = line;
	cases_skip_blanks(&rest);
	if (rest.end - rest.at > 2 && !memcmp(rest.at, "- ", 2))
		rest.at += 2;
	cases_skip_blanks(&rest);
	if (rest.at == rest.end)
		rest = line;
	return bytes_json(rest.at, rest.end - rest.at);
}

/* A test; NULL if the line is none.  *indent is how far it is indented. */
static json_t *cases_one(struct cases_line line, ptrdiff_t *indent)
{
	const char *start, *end = line.end, *directive, *verdict = "passed";
	json_t *one;

	cases_skip_time(&line);
	start = line.at;
	cases_skip_blanks(&line);
	*indent = line.at - start;
	if (cases_take(&line, "not ok"))
		verdict = "fails";
	else if (!cases_take(&line, "ok"))
		return NULL;
	directive = cases_take_directive(&line);
	if (directive)
		verdict = "skipped";
	one = json_pack("{s:o, s:s}", "name", cases_name(line), "verdict",
			verdict);
	if (directive)
		json_object_set_new(one, "why",
				    bytes_json(directive, end - directive));
	return one;
}

json_t *cases_of(const char *text, size_t size)
{
	const char *end = text + size, *next;
	struct cases_line line = { .at = text };
	ptrdiff_t indent, before = 0;
	json_t *all = json_array(), *one;

	for (; line.at < end; line.at = next) {
		line.end = memchr(line.at, '\n', end - line.at);
		next = line.end ? line.end + 1 : end;
		if (!line.end)
			line.end = end;
		if (line.end > line.at && line.end[-1] == '\r')
			line.end--;
		one = cases_one(line, &indent);
		if (!one)
			continue;
		if (indent < before || json_array_size(all) == CASES_MAX)
			json_decref(one);
		else
			json_array_append_new(all, one);
		before = indent;
	}
	if (!json_array_size(all)) {
		json_decref(all);
		return NULL;
	}
	return all;
}
