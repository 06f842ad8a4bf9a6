/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shell - bash and all that it starts, in a process group of their own
 */
#ifndef STEP_SHELL_H
#define STEP_SHELL_H

#include <stdbool.h>

struct progress;

struct shell {
	const char *script; /* the file that bash runs: of any size, unlike a word */
	bool trace; /* bash prints the commands, too */
	int out; /* where all goes that is printed, in its order */
	struct progress *progress; /* hears of it, is drawn meanwhile */

	int status; /* how bash ended, as from wait() */
	int signal; /* that came meanwhile and shall end us, too; or 0 */
	int out_err; /* why out cannot be written, -errno; bash was ended */
};

/*
 * Run the shell to its end, and end what it left behind in its group.  Signals
 * which end or stop us are passed on to the group; they stay blocked.  Returns
 * 0 with the lower half of *shell filled in, or -errno if nothing was started.
 */
int shell_run(struct shell *shell);

#endif
