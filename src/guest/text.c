// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "guest/text.h"
#include "lib/frame.h"

void text_add_bytes(struct text *text, const char *bytes, size_t size)
{
	size_t left = text->room - text->size - 1;

	if (size > left)
		size = left;
	memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
	text->bytes[text->size] = '\0';
}

void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

void text_add_number(struct text *text, unsigned long number)
{
	char digits[24];
	char *digit = digits + sizeof(digits);

	do {
		*--digit = '0' + number % 10;
		number /= 10;
	} while (number);
	text_add_bytes(text, digit, digits + sizeof(digits) - digit);
}

u32 text_done(void *to, size_t room, int err, const char *what)
{
	struct text text = { .bytes = frame_put32(to, err), .room = room - 4 };

	if (err < 0 && text.room) {
		text_add(&text, what);
		text_add(&text, *what ? ": " : "");
		text_add(&text, strerror(-err));
	}
	return 4 + text.size;
}
