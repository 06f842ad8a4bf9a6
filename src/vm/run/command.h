/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command - the user's command in the guest, with our standard input and output
 *
 * It gets a terminal if ours is one.  Otherwise the results of tests are counted
 * in its output.  struct command belongs to the caller; what it was started with
 * must outlive it.
 */
#ifndef VM_COMMAND_H
#define VM_COMMAND_H

#include "vm/link/ask.h"
#include "vm/link/control.h"
#include "vm/term.h"

struct command {
	/*
	 * It has ended, and all its output has been written.  The members at
	 * the end tell how.
	 */
	void (*ended)(struct command *command);
	/* The user typed Ctrl-A X. */
	void (*left)(struct command *command);
	/* The user's terminal hung up. */
	void (*hung_up)(struct command *command);

	struct ask ask;
	struct tests tests; /* in its output */
	char *const *words;
	bool is_running; /* or its output is not written yet */

	bool is_closed; /* standard output is: nobody reads any more */
	bool has_status;
	int status;
	char *why; /* it failed on our side, or the agent is lost */
};

/*
 * Run these words in the guest, with the callbacks set.  Clients of the control
 * socket ask the agent in the same way.  Returns 0 or -errno.
 */
int command_start(struct command *command, struct loop *loop,
		  struct control *control, const struct term *term,
		  char *const *words);

/* Frees all; may be called though it was not started. */
void command_fini(struct command *command);

/* The terminal has another size. */
void command_resize(struct command *command);

#endif
