/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run - boot the lab's machine and stay until it ends
 *
 * The lab is an output directory: include/config/auto.conf, the kernel and the
 * initramfs come from there, and vm/ below it is ours.
 */
#ifndef VM_RUN_H
#define VM_RUN_H

#include <stdbool.h>

/* How a run can end, other than with 0. */
enum {
	RUN_NOT_STARTED = 125, /* there was no machine */
	RUN_VANISHED = 255, /* QEMU was killed */
};

struct run_options {
	const char *dir; /* the output directory, as the user names it */
	bool print; /* print the command and start nothing */
};

/*
 * Returns the exit status; what went wrong has been said.  If a signal asked us
 * to stop, the machine is stopped first and then the signal ends us.
 */
int run(const struct run_options *options);

#endif
