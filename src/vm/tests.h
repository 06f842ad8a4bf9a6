/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests - the results which a command prints in TAP or KTAP
 *
 * A line "not ok", indented or not, is a failure unless its directive is TODO or
 * SKIP.
 */
#ifndef VM_TESTS_H
#define VM_TESTS_H

#include <stdbool.h>
#include <stddef.h>

#define TESTS_LINE 256 /* what is looked at, and kept, of a line */
#define TESTS_KEPT 20

struct tests {
	unsigned long passed;
	unsigned long failed;
	char kept[TESTS_KEPT][TESTS_LINE]; /* the first failures */

	char line[TESTS_LINE];
	size_t count; /* of the line so far, cut at TESTS_LINE - 1 */
};

/* Read what the command printed next, cut anywhere. */
void tests_feed(struct tests *tests, const char *bytes, size_t count);

/* There is no more: the last line may lack its end. */
void tests_finish(struct tests *tests);

#endif
