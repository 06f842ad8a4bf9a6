/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * term - the user's terminal, in raw mode while the guest reads it
 */
#ifndef VM_TERM_H
#define VM_TERM_H

#include <stdbool.h>
#include <termios.h>

#include "lib/types.h"

struct term {
	bool is_tty; /* standard input is a terminal; settings are valid */
	struct termios settings;
};

/* Save the settings of the terminal, if there is one. */
void term_save(struct term *term);

/* Deliver every key as it is typed; the terminal still processes output. */
void term_raw(const struct term *term);

/* Restore the saved settings; works from the background, too. */
void term_restore(const struct term *term);

/*
 * Is standard input a terminal, and are we in its foreground?  In a session without
 * a controlling terminal, as su starts one, any terminal is ours.
 */
bool term_is_ours(void);

/* The size of the terminal; 24 by 80 if that is unknown. */
void term_size(u16 *rows, u16 *columns);

#endif
