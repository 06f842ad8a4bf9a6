/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kmsg - follows the kernel log of a running machine
 */
#ifndef VM_KMSG_H
#define VM_KMSG_H

#include "vm/client/call.h"

struct kmsg {
	struct call call;
	int null; /* its input, which ends at once */
	int file; /* in memory, with the records so far */
};

/* Start to follow it.  Returns 0, or -errno after printing why. */
int kmsg_open(struct kmsg *kmsg, const struct client_options *options);

/*
 * Print the records up to now, as dmesg does, and the title of each complaint among
 * them.  Returns the number of complaints or -errno.
 */
int kmsg_print(struct kmsg *kmsg, const char *dir);

void kmsg_close(struct kmsg *kmsg);

#endif
