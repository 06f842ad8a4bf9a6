/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * splat-where - the function that a report is about
 *
 * For splat.c.  A fault says where it was.  What checks locks, references and
 * the like only tells its own function, and who called it is in the trace: the
 * first frame there that is not the checker's.
 */
#ifndef VM_SPLAT_WHERE_H
#define VM_SPLAT_WHERE_H

#include <stdbool.h>

#include "vm/watch/source.h"

#define SPLAT_WHERE 128 /* the longest function with its module, and a NUL */

enum splat_where_kind {
	SPLAT_WHERE_NONE,
	SPLAT_WHERE_FAULT, /* where the processor was */
	SPLAT_WHERE_STALL, /* the same, else a frame */
	SPLAT_WHERE_CHECK, /* a frame, or where the processor was */
};

/* Begin with `struct splat_where where = {}`. */
struct splat_where {
	char name[SPLAT_WHERE]; /* "function" or "function [module]" */
	char guess[SPLAT_WHERE]; /* of a frame that may be an old one */
	bool has_place; /* of the processor, which was in a checker */
	bool in_trace;
	bool in_interrupt;
};

/* The next line of a report. */
void splat_where_take(struct splat_where *where, enum splat_where_kind kind,
		      const struct splat_message *message);

/* The function, or an empty text. */
const char *splat_where_name(const struct splat_where *where);

#endif
