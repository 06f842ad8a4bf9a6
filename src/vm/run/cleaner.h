/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cleaner - a process that tidies up after us, should we be killed
 *
 * It sleeps, and heeds no signal that a terminal sends.  It keeps our lock, so
 * that nobody else is there while it works.
 */
#ifndef VM_CLEANER_H
#define VM_CLEANER_H

#include "lib/proc.h"
#include "vm/term.h"

struct cleaner {
	pid_t pid;
	int fd; /* its end of ours tells it that we are no more */
};

struct cleaner_spec {
	const struct term *term; /* is put back */
	const char *work; /* folders to tidy up: the machine's own */
	const char *results; /* ... that of its run */
	const char *vm; /* ... and that of all machines */
	int lock; /* is kept */
};

/* Have this done should we end without cleaner_dismiss().  0 or -errno. */
int cleaner_start(struct cleaner *ret, const struct cleaner_spec *spec);

/* There is nothing to tidy up. */
void cleaner_dismiss(struct cleaner *cleaner);

#endif
