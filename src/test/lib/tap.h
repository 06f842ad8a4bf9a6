/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tap - results of a unit test in the Test Anything Protocol
 *
 * Call ok() and is_text() for each promise, and end main with
 * `return tap_done()`.
 */
#ifndef TEST_TAP_H
#define TEST_TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count;
static int tap_failed;

/* The promise in `name` holds if true is passed; passes it on. */
static inline bool ok(bool holds, const char *name)
{
	tap_count++;
	tap_failed += !holds;
	printf("%sok %d - %s\n", holds ? "" : "not ", tap_count, name);
	return holds;
}

/* The two texts are the same; NULL is like no other text. */
static inline bool is_text(const char *got, const char *want, const char *name)
{
	if (ok(got && want && !strcmp(got, want), name))
		return true;
	printf("# got:  %s\n# want: %s\n", got ? got : "NULL",
	       want ? want : "NULL");
	return false;
}

/* Print the plan; returns the exit status. */
static inline int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed || !tap_count || fflush(stdout);
}

#endif
