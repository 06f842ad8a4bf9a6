/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * handover - a machine that runs, passed from one process to another over a socket
 */
#ifndef VM_HANDOVER_H
#define VM_HANDOVER_H

#include "vm/qemu/machine.h"

struct handover {
	struct machine_ends ends;
	int lock; /* the folder it runs in, which it is locked by */
	u64 up; /* it has run for so many milliseconds, at most, when it was saved */
};

/* Send copies of all descriptors.  Returns 0 or -errno. */
int handover_send(int fd, const struct handover *handover);

/*
 * Wait for them until the deadline, as proc_deadline() has it, or until `signals' is
 * readable.  Returns 0, and they are the caller's, or -errno.
 */
int handover_receive(struct handover *ret, int fd, int signals,
		     long long deadline);

/* Close all of them. */
void handover_drop(const struct handover *handover);

#endif
