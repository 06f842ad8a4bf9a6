/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verdict - the words for how a test ended, and what others call it
 */
#ifndef RESULTS_VERDICT_H
#define RESULTS_VERDICT_H

#include <stdbool.h>

struct verdict {
	const char *word;
	const char *outcome; /* of a run that has it, see vm/run/end.h; NULL: of several */
	const char *kcidb; /* a test's status there */
	bool is_good;
	bool is_built; /* there was a kernel to run */
};

/* NULL if it is none of ours. */
const struct verdict *verdict_find(const char *word);

/* That of a run with this outcome; NULL if it says nothing of what was run. */
const struct verdict *verdict_of_outcome(const char *outcome);

#endif
