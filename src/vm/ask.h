/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ask - one question to the agent, by way of the supervisor, and its answer
 *
 * What the answer writes goes to descriptors of ours, and what we read from one
 * goes to the guest, byte for byte and with no more in between than the window
 * allows.
 */
#ifndef VM_ASK_H
#define VM_ASK_H

#include "argv.h"
#include "link.h"
#include "tests.h"

struct ask;

struct ask_output {
	struct ask *ask;
	struct loop_fd fd; /* -1: what comes is dropped */
	bool is_own; /* else it may block, and is the caller's */
	struct queue queue;
	size_t most; /* to be written at once */
	u32 credit; /* written, and not told yet */
	int err; /* it cannot be written to */
};

struct ask {
	/* The answer is complete, and written.  May close the ask. */
	void (*done)(struct ask *ask);
	/* Ctrl-A X was typed.  NULL: input is no keys. */
	void (*leave)(struct ask *ask);

	struct loop *loop;
	struct link link;
	struct loop_fd in;
	bool has_input; /* which has not ended */
	u32 window; /* for input */
	struct ask_output output[2];
	struct tests *tests; /* reads channel 1; may be NULL */
	struct loop_timer finished; /* calls done() where nobody minds */
	bool escape; /* the last key was Ctrl-A */

	bool has_answer;
	bool is_exit; /* of a command, else DONE */
	int err; /* from DONE: 0 or -errno */
	char why[256]; /* and its reason, or "" */
	int status; /* of the command; 128+n: killed by signal n */
	u32 mode; /* from STAT */
};

/*
 * Talk over the connected socket fd, which then belongs to ask.  The three others,
 * for input, output and errors, stay the caller's; -1: none.
 */
int ask_open(struct ask *ask, struct loop *loop, int fd, const int std[3]);
void ask_close(struct ask *ask);

/* Send the question, and its input from now on.  Returns 0 or -errno. */
int ask_send(struct ask *ask, u16 type, const void *data, u32 size);

/*
 * Ask for a command to be run, on a terminal if there are columns.  Returns 0 or
 * -errno: -E2BIG if the words are too long.
 */
int ask_run(struct ask *ask, char *const *words, u16 rows, u16 columns);

/* The reason of an error, in words. */
const char *ask_why(const struct ask *ask);

/* There is an answer, but it is not the agent's: that one is lost. */
bool ask_is_lost(const struct ask *ask);

/* The terminal has another size. */
void ask_resize(struct ask *ask, u16 rows, u16 columns);

#endif
