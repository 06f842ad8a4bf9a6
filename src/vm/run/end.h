/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * end - from what was seen of a run to how it ended
 *
 * A pure function; src/test/unit/test-end.c has the table.
 */
#ifndef VM_END_H
#define VM_END_H

#include <stdbool.h>

#include "vm/exit.h"

struct end_facts {
	bool has_command; /* else a person, or nobody, sits at the console */
	bool is_started; /* there was a QEMU */
	bool is_up; /* the agent said its first word */
	bool is_panicked;
	bool is_bitten; /* the watchdog expired */
	bool is_timed_out;
	bool is_clean; /* the guest shut itself down */
	bool is_left; /* QEMU ended at the user's wish: Ctrl-A X */
	bool is_stopped; /* a client asked for it */
	int sig; /* a signal asked for it; 0: none */
	bool has_result;
	int result; /* the command's status */
	unsigned long splats;
	unsigned long failed_tests;
};

struct end {
	const char *outcome; /* one word, for result.json */
	int status;
};

struct end end_of(const struct end_facts *facts);

#endif
