/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * parting - a last line for the guest's shell, when the user's command has ended
 *
 * What it prints is the file at-end in the run's folder; what it complains of is said.
 * The status of the run stays that of the command.  struct parting belongs to the caller.
 */
#ifndef VM_PARTING_H
#define VM_PARTING_H

#include "vm/link/ask.h"
#include "vm/link/control.h"

struct parting {
	/* The line has ended, and all its output has been written. */
	void (*ended)(struct parting *parting);

	struct ask ask;
	int fd; /* of the file; 0: it was not started */
};

/* Begin, with the callback set.  Returns 0 or -errno. */
int parting_start(struct parting *parting, struct loop *loop,
		  struct control *control, const char *line,
		  const char *folder);

/* Frees all; may be called though it was not started. */
void parting_fini(struct parting *parting);

#endif
