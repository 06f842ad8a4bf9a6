/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text - builds a sentence or a path in the caller's buffer
 *
 * Text that does not fit is cut off; there is always a NUL at the end.
 */
#ifndef GUEST_TEXT_H
#define GUEST_TEXT_H

#include <stddef.h>

#include "lib/types.h"

struct text {
	char *bytes;
	size_t room; /* of bytes, at least 1 */
	size_t size; /* without the NUL */
};

/* An empty text in an array. */
#define TEXT_IN(array) \
	{ .bytes = (array), .room = sizeof(array) }

/* Append a string, some bytes, a number in decimal. */
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t size);
void text_add_number(struct text *text, unsigned long number);

/*
 * Write the data of a DONE: err and the reason "WHAT: STRERROR", or no reason if err
 * is 0.  Returns the size, at most room, which is 4 or more.
 */
u32 text_done(void *to, size_t room, int err, const char *what);

#endif
