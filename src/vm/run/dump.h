/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dump - the machine's memory, written to a file; one dump at a time
 *
 * QEMU writes to PATH.tmp, which becomes PATH when it is complete and has the
 * kernel's addresses.  struct dump belongs to the caller, the machine must
 * outlive it.
 */
#ifndef VM_DUMP_H
#define VM_DUMP_H

#include <stdbool.h>

#include "vm/qemu/machine.h"

struct dump {
	/* The dump is complete (0), or failed with -errno and was removed. */
	void (*done)(struct dump *dump, int err);

	struct machine *machine;
	const char *dir; /* for vmcore, if no path is given */
	char *path; /* of the dump that is being written; NULL: none is */
};

/* Set up, with the callback set; dir stays the caller's. */
void dump_init(struct dump *dump, struct machine *machine, const char *dir);

/*
 * Begin to write the memory to path, or to vmcore if that is "".  Returns 0, and
 * done() follows, or -errno: -EBUSY if a dump is being written.
 */
int dump_begin(struct dump *dump, const char *path);

bool dump_is_on(const struct dump *dump);

/* To be called at MACHINE_DUMPED. */
void dump_event(struct dump *dump);

/* QEMU ended before the dump was complete: remove it.  Returns -errno. */
int dump_abort(struct dump *dump);

#endif
