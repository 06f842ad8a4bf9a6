/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * person - who sits at the console: keys from standard input, text to an output
 *
 * The machine waits for an output that is slow, as for a terminal that was
 * stopped with Ctrl-S; nothing is lost.
 */
#ifndef VM_PERSON_H
#define VM_PERSON_H

#include "console.h"

struct person {
	/* The output is closed (EPIPE), or the terminal hung up (EIO). */
	void (*gone)(struct person *person, int err);

	struct console *console;
	struct console_ear ear;
	struct loop_fd in;
	struct loop_fd out;
	struct queue queue; /* not written yet */
	bool has_input; /* which has not ended */
	bool is_tty;
	bool owns_out;
	bool is_gone;
};

/* Sit down, with the callback set; an in of -1 types nothing. */
void person_open(struct person *person, struct console *console, int in,
		 int out);

/* Write what is left, if the output takes it. */
void person_close(struct person *person);

#endif
