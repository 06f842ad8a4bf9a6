/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * progress - how far a running step is: counted, shown, learnt for the next run
 */
#ifndef STEP_PROGRESS_H
#define STEP_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "step/cost.h"
#include "step/count.h"
#include "step/line.h"

struct progress {
	const char *recipe;
	const char *step;
	const char *path; /* of the costs */
	bool again; /* the step ended well before */
	bool shown; /* there is a terminal for the line */

	struct count count;
	struct costs costs;
	struct line line;
	long long start; /* in milliseconds, as all times here */
	long long next_draw;
	long long pause; /* its beginning */
};

/*
 * The step starts.  Fill in recipe, step, path and again before; show: draw the
 * line if there is a terminal.
 */
void progress_begin(struct progress *progress, bool show);

/* The step printed these bytes. */
void progress_count(struct progress *progress, const char *bytes, size_t size);

/* How long to wait, as for poll(), before the next progress_draw(). */
int progress_timeout(const struct progress *progress);

/* Draw the line if it is time. */
void progress_draw(struct progress *progress);

/* Draw it at once: the terminal has another size. */
void progress_redraw(struct progress *progress);

/* The step is stopped, and goes on: the time between does not count. */
void progress_pause(struct progress *progress);
void progress_resume(struct progress *progress);

/*
 * The step has ended; well: its text succeeded.  Erase the line, print the one
 * that stays, and keep what the step cost.
 */
void progress_end(struct progress *progress, bool well);

#endif
