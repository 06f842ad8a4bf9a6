/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cost - what a step costs, learnt from its runs, and what is left of one
 *
 * The rule: a run that ended well is kept as the whole if the step had never
 * ended before or if it did a quarter of the whole known so far, otherwise as a
 * part; a run that broke off is added to the next one, which continues it.
 *
 * So a rerun that compiles three files leaves the whole alone.  A rerun is
 * measured by the latest part, then by nothing, as nobody knows how much there
 * is to do, and from a quarter of the whole on by the whole.
 */
#ifndef STEP_COST_H
#define STEP_COST_H

#include <stdbool.h>

struct cost {
	unsigned long units; /* of work, see count.h; 0: the step has none */
	unsigned long seconds;
};

struct costs {
	struct cost whole;
	struct cost part; /* zero: not known */
	struct cost begun; /* by runs that broke off */
};

/* Read what is known from the file at path; if nothing is, what we ship. */
void cost_read(struct costs *ret, const char *path, const char *recipe, const char *step);

/* Replace the file at once.  Returns 0 or -errno. */
int cost_write(const struct costs *costs, const char *path);

/* Take in a run; again: not the first one that ended well, if it did. */
void cost_learn(struct costs *costs, struct cost run, bool well, bool again);

struct forecast {
	unsigned long done;
	unsigned long total; /* units, done among them; 0: not known */
	unsigned long left; /* seconds, 0: not known */
};

/* What becomes of a run that has cost so much up to now. */
struct forecast cost_forecast(const struct costs *costs, struct cost run, bool again);

#endif
