/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * splat-list - compares a line with the words that begin a report
 *
 * For splat.c; splat.h tells what a list looks like.
 */
#ifndef VM_SPLAT_LIST_H
#define VM_SPLAT_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "vm/watch/splat.h"

#define SPLAT_TITLE 256 /* the longest title, with its NUL */

#define SPLAT_NONE (-1) /* no place in the list */

/* The words that a line begins with. */
struct splat_words {
	int place; /* in the list */
	bool is_allowed; /* by the second list; then there is no title */
	bool is_line; /* this line is the whole report */
	char title[SPLAT_TITLE];
};

/*
 * Which words does the line, a message without its prefix, begin with?  Blanks
 * before them do not count.  Returns false if there are none, and *ret is of no
 * use then.  The time it takes grows with len, not with its square.
 */
bool splat_list_find(const struct splat_list *list, const char *line, size_t len,
		     struct splat_words *ret);

/* Is this line allowed by the second list? */
bool splat_list_allows(const struct splat_list *list, const char *line,
		       size_t len);

/* A title for a line that is in no list. */
void splat_list_title(char ret[SPLAT_TITLE], const char *line, size_t len);

/* The kind of the words in this place. */
const char *splat_list_kind(const struct splat_list *list, int place);

#endif
