/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exit - the exit statuses that are ours; every other one is the command's own
 */
#ifndef VM_EXIT_H
#define VM_EXIT_H

enum {
	END_TESTS_FAILED = 1,
	END_TIMED_OUT = 124,
	END_NOT_STARTED = 125,
	END_COMPLAINED = 254,
	END_VANISHED = 255, /* or it panicked, or its watchdog expired */
};

#endif
