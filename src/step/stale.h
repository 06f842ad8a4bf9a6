/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stale - which steps are to be run again
 *
 * make asks with a list: the line "steps VERSION"; for each step the line "step STAMP"
 * and its script, each line behind a tab; and "end", for a full disk cuts a list.
 */
#ifndef STEP_STALE_H
#define STEP_STALE_H

#include <stdbool.h>
#include <stdio.h>

/* Of the list: step_version in src/engine/core.mk. */
#define STALE_VERSION "1"

/*
 * Set *ret if the step with this stamp is to be run again: it did not come to its end,
 * or its script, or a file that it was given or has made, is another one.  That a step
 * before it runs is make's concern.  Returns 0 or -errno.
 */
int stale_is(bool *ret, const char *stamp, const char *script);

/*
 * Print the stamps of list which are to be made again, one on a line, and "asked".
 * list is changed.  Returns 0 or -errno, with the reason in *why.
 */
int stale_print(FILE *out, char *list, char **why);

#endif
