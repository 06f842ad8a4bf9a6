/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * call - a connection to a running machine for one request and its answer
 *
 * A signal that asks us to stop ends the wait.  call_close() raises it again, which
 * ends the process when the last call is closed.
 */
#ifndef VM_CALL_H
#define VM_CALL_H

#include <signal.h>

#include "vm/link/ask.h"
#include "vm/term.h"

struct client_options {
	const char *dir; /* the output directory, as the user names it */
	const char *work; /* where the machine runs; NULL: in its vm/ */
	int timeout; /* in seconds; 0: none */
};

struct call {
	int timeout; /* in seconds; 0: none */
	struct loop loop;
	struct ask ask;
	struct tests tests;
	struct term term;
	struct loop_fd signals;
	struct loop_timer limit;
	sigset_t mask; /* the signal mask before the call */
	int sig; /* the signal that ended us; 0: none */
	bool is_raw;
	bool is_left; /* with Ctrl-A X */
	bool is_timed_out;
};

/* The folder where the machine runs; the caller frees it. */
char *call_work(const struct client_options *options);

/* Returns a socket that is connected with the machine, or -errno. */
int call_connect(const struct client_options *options);

/*
 * Connect to the machine; std is as for ask_open().  The caller then asks and waits.
 * Returns 0, or -errno after printing why.
 */
int call_open(struct call *call, const struct client_options *options,
	      const int std[3]);

/* Send our terminal's keys to the guest.  Returns false if there is no terminal. */
bool call_take_terminal(struct call *call);

/* Wait until the answer, the time limit, Ctrl-A X or a signal. */
void call_wait(struct call *call);

/* Disconnect; a request that was not answered is cancelled. */
void call_close(struct call *call);

#endif
