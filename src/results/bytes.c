// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "lib/xmalloc.h"
#include "results/bytes.h"

/* The least and the greatest second byte, which the first one leaves. */
static bool bytes_is_second(unsigned char first, unsigned char second)
{
	unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

	return second >= least && second <= most;
}

size_t bytes_character(const char *text, size_t size)
{
	unsigned char first = size ? *text : 0xff;
	size_t i, count;

	if (first < 0x80)
		return first ? 1 : 0;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	count = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (size < count || !bytes_is_second(first, text[1]))
		return 0;
	for (i = 2; i < count; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return count;
}

json_t *bytes_json(const char *bytes, size_t size)
{
	char *text = xmalloc(4 * size + 1);
	size_t at, len = 0, count;
	json_t *json;

	for (at = 0; at < size; at += count) {
		count = bytes_character(bytes + at, size - at);
		if (count) {
			memcpy(text + len, bytes + at, count);
			len += count;
		} else {
			count = 1;
			len += sprintf(text + len, "\\x%02x",
				       (unsigned char)bytes[at]);
		}
	}
	json = json_stringn(text, len);
	free(text);
	if (!json)
		xmalloc_fail();
	return json;
}

json_t *bytes_json_text(const char *text)
{
	return bytes_json(text, strlen(text));
}

static const char *bytes_entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\n':
		return "&#10;";
	case '\t':
		return "&#9;";
	}
	return NULL;
}

/* U+FFFE and U+FFFF are no characters of XML. */
static bool bytes_is_none(const char *text)
{
	return !strncmp(text, "\xef\xbf\xbe", 3) ||
	       !strncmp(text, "\xef\xbf\xbf", 3);
}

void bytes_print_xml(FILE *out, const char *text)
{
	const char *entity;

	for (; *text; text++) {
		entity = bytes_entity(*text);
		if (entity) {
			fputs(entity, out);
		} else if (bytes_is_none(text)) {
			putc('?', out);
			text += 2;
		} else {
			putc((unsigned char)*text < ' ' ? '?' : *text, out);
		}
	}
}
