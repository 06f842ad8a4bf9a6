/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * span - bytes that somebody else owns
 */
#ifndef VM_FOREIGN_SPAN_H
#define VM_FOREIGN_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *bytes;
	size_t size;
};

/* The part of it, or an empty one if it is not all there. */
static inline struct span span_part(struct span span, unsigned long long at,
				    unsigned long long size)
{
	if (at > span.size || size > span.size - at)
		return (struct span){};
	return (struct span){ span.bytes + at, size };
}

/* Read a struct or number at this place.  Returns whether it is there. */
static inline bool span_read(void *ret, size_t size, struct span span,
			     unsigned long long at)
{
	struct span part = span_part(span, at, size);

	if (part.size)
		memcpy(ret, part.bytes, size);
	return part.size;
}

/* All that follows the text; the bytes are NULL if it is not there. */
static inline struct span span_behind(struct span span, const char *text)
{
	const char *found = NULL;

	if (span.size)
		found = memmem(span.bytes, span.size, text, strlen(text));
	if (!found)
		return (struct span){};
	found += strlen(text);
	return (struct span){ found, span.bytes + span.size - found };
}

#endif
