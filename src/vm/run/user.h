/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user - connects the console with the user: keys from the terminal, text to an
 * output
 *
 * A slow output, as a terminal stopped with Ctrl-S, makes the machine wait;
 * nothing is lost.
 *
 * struct user belongs to the caller.  An error of the output or the input is
 * reported once, by gone(); nothing is read or written after it.
 */
#ifndef VM_USER_H
#define VM_USER_H

#include "vm/qemu/console.h"

struct user {
	/*
	 * The output was closed (-EPIPE), the terminal hung up (-EIO), or the
	 * output cannot be written to for another reason.
	 */
	void (*gone)(struct user *user, int err);

	struct console *console;
	struct console_ear ear;
	struct loop_fd in;
	struct loop_fd out;
	struct queue queue; /* text that is not written yet */
	bool has_input; /* it has not ended */
	bool is_tty;
	bool owns_out;
	bool is_gone;
};

/*
 * Connect, with the callback set; in is -1 if nothing can be typed.  Both
 * descriptors stay the caller's.
 */
void user_open(struct user *user, struct console *console, int in, int out);

/* Disconnect; writes what is left if the output takes it. */
void user_close(struct user *user);

#endif
