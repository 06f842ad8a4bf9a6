/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * term - the terminal as it was before the machine had it
 *
 * QEMU makes the terminal raw and its descriptors non-blocking, and the shell
 * shares both.  A QEMU that is killed undoes neither.
 */
#ifndef VM_TERM_H
#define VM_TERM_H

#include <stdbool.h>
#include <termios.h>

struct term {
	bool is_tty; /* standard input is one, and settings are known */
	struct termios settings;
	int flags[3]; /* of the standard descriptors; -1 if closed */
};

/* Note the state of the standard descriptors, whatever they are. */
void term_save(struct term *term);

/* Put back what was noted; also from the background. */
void term_restore(const struct term *term);

#endif
