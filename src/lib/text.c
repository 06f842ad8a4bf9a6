// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>

#include "lib/text.h"

static bool text_is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

void text_disarm(char *text, size_t size, char mark)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (text_is_control(text[i]))
			text[i] = mark;
}

void text_print(FILE *out, const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		putc(text_is_control(text[i]) ? '?' : text[i], out);
}
