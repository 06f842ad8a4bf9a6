// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "lib/xmalloc.h"
#include "results/bytes.h"
#include "results/excerpt.h"

#define LINES_BEFORE 12

/* A console ends its lines with CR and LF. */
static json_t *excerpt_json(const char *text, size_t size)
{
	char *copy = xmalloc(size + 1);
	size_t i, len = 0;
	json_t *json;

	for (i = 0; i < size; i++)
		if (text[i] != '\r' || i + 1 == size || text[i + 1] != '\n')
			copy[len++] = text[i];
	json = bytes_json(copy, len);
	free(copy);
	return json;
}

/* A byte that is no UTF-8 becomes four: look for what fits after that. */
static size_t excerpt_cost(const char *text, size_t size, size_t *step)
{
	size_t count = bytes_character(text, size);

	*step = count ? count : 1;
	return count ? count : 4;
}

static size_t excerpt_all_cost(const char *text, size_t size)
{
	size_t at, step, cost = 0;

	for (at = 0; at < size; at += step)
		cost += excerpt_cost(text + at, size - at, &step);
	return cost;
}

json_t *excerpt_tail(const char *text, size_t size)
{
	const char *end = text + size, *at, *newline;

	at = size > EXCERPT_MAX ? end - EXCERPT_MAX : text;
	while (at > text && at < end && (*at & 0xc0) == 0x80)
		at++;
	while (excerpt_all_cost(at, end - at) > EXCERPT_MAX)
		at += 1 + (end - at) / 4;
	newline = at > text ? memchr(at, '\n', end - at) : NULL;
	if (newline && newline + 1 < end)
		at = newline + 1;
	return excerpt_json(at, end - at);
}

/* Where the line with this text at its end begins; NULL if there is none. */
static const char *excerpt_find(const char *console, size_t size,
				const char *text)
{
	const char *at = *text ? memmem(console, size, text, strlen(text)) :
				 NULL;

	while (at && at > console && at[-1] != '\n')
		at--;
	return at;
}

/* The lines before a place. */
static const char *excerpt_before(const char *console, const char *place)
{
	const char *at = place;
	int lines;

	for (lines = 0; at > console && lines < LINES_BEFORE; lines++)
		for (at--; at > console && at[-1] != '\n'; at--)
			;
	return at;
}

static size_t excerpt_count_lines(const char *text, size_t size)
{
	const char *end = text + size;
	size_t count;

	for (count = 0; (text = memchr(text, '\n', end - text)); count++)
		text++;
	return count;
}

/* The report's lines; *lines is how many there was room for. */
static char *excerpt_join(const json_t *report, size_t room, size_t *lines)
{
	char *text = xmalloc(room + 1);
	const char *one;
	size_t at = 0, i, len;

	for (i = 0; i < json_array_size(report); i++) {
		one = json_string_value(json_array_get(report, i));
		len = one ? strlen(one) : 0;
		if (at + len + 1 > room)
			break;
		memcpy(text + at, one ? one : "", len);
		at += len;
		text[at++] = '\n';
	}
	text[at] = '\0';
	*lines = i;
	return text;
}

void excerpt_report(json_t *line, const json_t *report, const char *console,
		    size_t size)
{
	const char *first = json_string_value(json_array_get(report, 0));
	const char *place = excerpt_find(console, size, first ? first : "");
	const char *before = place ? excerpt_before(console, place) : console;
	json_t *said = place ? excerpt_tail(before, place - before) :
			       json_string("");
	size_t len = json_string_length(said), from, lines;
	char *text, *all;

	if (len > EXCERPT_MAX / 2) {
		json_string_set(said, "");
		len = 0;
	}
	from = excerpt_count_lines(json_string_value(said), len) + 1;
	text = excerpt_join(report, EXCERPT_MAX - len, &lines);
	all = xmalloc(len + strlen(text) + 1);
	memcpy(all, json_string_value(said), len);
	memcpy(all + len, text, strlen(text) + 1);
	json_object_set_new(line, "excerpt", bytes_json(all, len + strlen(text)));
	if (lines)
		json_object_set_new(line, "marked",
				    json_pack("[I, I]", (json_int_t)from,
					      (json_int_t)(from + lines - 1)));
	json_decref(said);
	free(text);
	free(all);
}
