/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ask - one request to the agent, through the supervisor, and its answer
 *
 * Output of the answer is written to descriptors of ours, and input is read from
 * one and sent to the guest.  At most a window of bytes is buffered.
 */
#ifndef VM_ASK_H
#define VM_ASK_H

#include <time.h>

#include "lib/argv.h"
#include "vm/link/link.h"
#include "vm/watch/tests.h"

struct ask;

struct ask_output {
	struct ask *ask;
	struct loop_fd fd; /* -1: output is dropped */
	bool is_own; /* opened by us; else it may block and is the caller's */
	struct queue queue;
	size_t most; /* bytes per write */
	u32 credit; /* written, but not returned to the sender yet */
	int err; /* why it cannot be written to */
};

struct ask {
	/* The answer is complete and its output written.  May close the ask. */
	void (*done)(struct ask *ask);
	/* Ctrl-A X was typed.  NULL: the input is not a keyboard. */
	void (*leave)(struct ask *ask);
	/* The input is a terminal, and hung up. */
	void (*hung_up)(struct ask *ask);

	struct loop *loop;
	struct link link;
	struct loop_fd in;
	bool is_tty;
	bool has_input; /* and it has not ended */
	struct queue ahead; /* goes before the input: a long command's words */
	u32 window; /* for input */
	struct ask_output output[2];
	struct tests *tests; /* reads channel 1; may be NULL */
	struct loop_timer finished; /* calls done() from the loop */
	bool escape; /* the last key was Ctrl-A */

	bool has_answer;
	bool is_exit; /* EXIT of a command, else DONE */
	int err; /* from DONE: 0 or -errno */
	char why[256]; /* and its reason, or "" */
	int status; /* of the command; 128+n: killed by signal n */
	u32 mode; /* from STAT */
	struct timespec changed; /* and when that was changed */
};

/*
 * Use the connected socket fd, which ask then owns.  The caller keeps the three
 * others, for input, output and errors; -1: none.
 */
int ask_open(struct ask *ask, struct loop *loop, int fd, const int std[3]);
void ask_close(struct ask *ask);

/* Send the request, and start to read its input.  Returns 0 or -errno. */
int ask_send(struct ask *ask, u16 type, const void *data, u32 size);

/*
 * Can these words be given to a command?  Returns 0, or -E2BIG with a sentence in
 * *why.
 */
int ask_check(char *const *words, char **why);

/*
 * Request a command, on a terminal if columns is not 0; a person's has our folder, see
 * FRAME_RUN_PERSON.  Returns 0 or -errno.
 */
int ask_run(struct ask *ask, char *const *words, bool is_persons, u16 rows,
	    u16 columns);

/* The error of the answer, in words. */
const char *ask_why(const struct ask *ask);

/*
 * If these words were not run because the first one seems to be a whole line for a
 * shell, a sentence that says how to give one.  The caller frees it; NULL: none.
 */
char *ask_advice(const struct ask *ask, char *const *words);

/* Is the answer an error of the connection, and not the agent's? */
bool ask_is_lost(const struct ask *ask);

/* Tell the guest the new size of the terminal. */
void ask_resize(struct ask *ask, u16 rows, u16 columns);

#endif
