/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests - the results which a command prints in TAP or KTAP
 *
 * A line "not ok", indented or not, is a failure unless its directive is TODO or
 * SKIP.  So is "Bail out!", and at the end of each list of tests a plan that was
 * not met, a number out of order, and "TAP version" without a plan.  A list ends
 * where a line is indented less, where another list begins, and with the output.
 * The time of a kernel message before a line is skipped, for KUnit's results come
 * by dmesg, too.
 */
#ifndef VM_TESTS_H
#define VM_TESTS_H

#include <stdbool.h>
#include <stddef.h>

#define TESTS_LINE 4096 /* what is looked at of a line */
#define TESTS_TEXT 256 /* what is kept of it */
#define TESTS_KEPT 20
#define TESTS_DEPTH 16 /* deeper lists are read without their plans */

/* One list of tests that has not ended. */
struct tests_list {
	size_t indent;
	bool is_tap; /* it began with "TAP version" */
	bool has_plan;
	unsigned long planned;
	unsigned long early; /* tests that came before the plan */
	unsigned long came;
	unsigned long odd; /* the first number out of order; 0: none */
	unsigned long expected; /* in its place */
};

struct tests {
	unsigned long passed;
	unsigned long failed; /* with the faults */
	unsigned long faults; /* failures that are no test's: see above */
	char kept[TESTS_KEPT][TESTS_TEXT]; /* the first failures */

	struct tests_list list[TESTS_DEPTH]; /* each in the one before */
	size_t depth;
	bool is_bailed; /* what was planned is not expected any more */

	char line[TESTS_LINE];
	size_t count; /* of the line so far, cut at TESTS_LINE - 1 */
};

/* Read what the command printed next, cut anywhere. */
void tests_feed(struct tests *tests, const char *bytes, size_t count);

/* There is no more: the last line may lack its end. */
void tests_finish(struct tests *tests);

#endif
