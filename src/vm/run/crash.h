/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * crash - what is done when the kernel has panicked or the watchdog has expired
 *
 * With VM_DUMP the machine waits for us when it has shut down: then, and when
 * the watchdog has paused it, its memory is dumped before it is ended.  A client
 * may ask for a dump at any time, by dump_begin().
 *
 * struct crash belongs to the caller; machine, complaints and verdict must outlive
 * it.  A dump that fails is reported to the user.
 */
#ifndef VM_CRASH_H
#define VM_CRASH_H

#include "lib/config.h"
#include "vm/run/complaints.h"
#include "vm/run/dump.h"
#include "vm/run/verdict.h"

struct crash {
	/* A dump is complete (0), or failed with -errno. */
	void (*dumped)(struct crash *crash, int err);

	struct machine *machine; /* these three are the caller's */
	struct complaints *complaints;
	struct verdict *verdict;
	struct dump dump;
	bool may_dump; /* VM_DUMP */
	bool has_watchdog; /* VM_WATCHDOG */
	bool is_dumped; /* the memory of a crash is in the file vmcore */
};

/*
 * Set up, with the callback and the three pointers set.  vmcore will be in dir,
 * which stays the caller's.
 */
void crash_init(struct crash *crash, const struct config *config,
		const char *dir);

/* Has the kernel panicked, by all that was said until now? */
bool crash_has_panicked(struct crash *crash);

/* To be called at MACHINE_SHUT_DOWN and MACHINE_WATCHDOG. */
void crash_shut_down(struct crash *crash);
void crash_watchdog(struct crash *crash);

#endif
