/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * term - the user's terminal: raw while the guest has it
 */
#ifndef VM_TERM_H
#define VM_TERM_H

#include <stdbool.h>
#include <termios.h>

#include "types.h"

struct term {
	bool is_tty; /* standard input is one, and settings are known */
	struct termios settings;
};

/* Note the state of the terminal, if there is one. */
void term_save(struct term *term);

/* Pass on every key as it is typed.  Output is still made ready for a screen. */
void term_raw(const struct term *term);

/* Put back what was noted; also from the background. */
void term_restore(const struct term *term);

/* Is standard input a terminal, and ours to read? */
bool term_is_ours(void);

/* The size of the terminal; 24 by 80 if it does not know. */
void term_size(u16 *rows, u16 *columns);

#endif
