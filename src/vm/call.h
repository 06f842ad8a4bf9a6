/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * call - a talk with a running machine: a question, its answer, the end of it
 *
 * Signals that ask us to stop end the wait first, and then the process, when the
 * last call is closed.
 */
#ifndef VM_CALL_H
#define VM_CALL_H

#include <signal.h>

#include "ask.h"
#include "term.h"

struct call {
	int timeout; /* in seconds; 0: none */
	struct loop loop;
	struct ask ask;
	struct tests tests;
	struct term term;
	struct loop_fd signals;
	struct loop_timer limit;
	sigset_t mask; /* as it was before */
	int sig; /* the signal that ended us; 0: none */
	bool is_raw;
	bool is_left; /* with Ctrl-A X */
	bool is_timed_out;
};

/*
 * Connect to the machine of this output directory; std as for ask_open().  Ask
 * then, and wait.  Returns 0, or -errno after having said why.
 */
int call_open(struct call *call, const char *dir, int timeout,
	      const int std[3]);

/* The keys are for the guest; returns false if there is no terminal. */
bool call_take_terminal(struct call *call);

/* Wait for the answer, the time limit, Ctrl-A X or a signal. */
void call_wait(struct call *call);

/* Hang up; what was asked and not answered is given up. */
void call_close(struct call *call);

#endif
