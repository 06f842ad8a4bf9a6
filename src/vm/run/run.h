/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run - a machine of the lab: its command printed, or run to its end
 */
#ifndef VM_RUN_H
#define VM_RUN_H

#include <stdbool.h>

struct run_options {
	const char *dir; /* the output directory, as the user names it */
	const char *work; /* where the machine runs; NULL: in its vm/ */
	char *const *command; /* for the guest; NULL: a person at the console */
	const char *at_end; /* a line for the guest's shell when that has ended; or NULL */
	const char *append; /* further arguments for the kernel; or NULL */
	const char *kernel; /* the file of another kernel than the lab's; or NULL */
	const char *modules; /* the folder of that one's modules; or NULL */
	int timeout; /* in seconds; 0: none */
	bool boot; /* though there is a saved machine */
	bool save; /* nothing but save the machine, for later runs */
	bool verbose; /* show the console beside the command */
	bool gdb; /* wait for it before the first instruction */
	bool background; /* come back when the machine is up, or waits */
};

/*
 * Run the machine.  Returns the exit status, as end.h has it; what went wrong has
 * been said.  If a signal asked us to stop, the machine is stopped first and then
 * the signal ends us.
 */
int run(const struct run_options *options);

/* Print QEMU's command.  Returns the exit status. */
int run_print(const struct run_options *options);

#endif
