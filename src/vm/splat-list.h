/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * splat-list - compares a line with the words that begin a report
 *
 * For splat.c; splat.h tells what a list looks like.
 */
#ifndef VM_SPLAT_LIST_H
#define VM_SPLAT_LIST_H

#include <stddef.h>

#include "splat.h"

#define SPLAT_TITLE 256 /* the longest title, with its NUL */

enum {
	SPLAT_NONE = -1,
	SPLAT_ALLOWED = -2,
};

/*
 * Which words begin the line, a message without its prefix?  Returns their
 * place in the list, SPLAT_NONE or SPLAT_ALLOWED; with one of the first, the
 * title is made.  The time it takes grows with len, not with its square.
 */
int splat_list_find(const struct splat_list *list, const char *line, size_t len,
		    char title[SPLAT_TITLE]);

/* The kind of the words in this place. */
const char *splat_list_kind(const struct splat_list *list, int place);

#endif
