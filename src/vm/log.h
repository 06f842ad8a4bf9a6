/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * log - what the kernel of a running machine says from now on
 */
#ifndef VM_LOG_H
#define VM_LOG_H

#include "call.h"

struct log {
	struct call call;
	int null; /* the end of what it is asked */
	int file; /* what it has said */
};

/* Begin to listen.  Returns 0, or -errno after having said why. */
int log_open(struct log *log, const char *dir);

/*
 * Print what was said until now, as dmesg does.  Returns how many complaints there
 * are among it, each said with its title, or -errno.
 */
int log_print(struct log *log, const char *dir);

void log_close(struct log *log);

#endif
