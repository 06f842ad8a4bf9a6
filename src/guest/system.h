/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * system - what the host decides for the whole machine
 */
#ifndef GUEST_SYSTEM_H
#define GUEST_SYSTEM_H

#include <stdbool.h>

#include "types.h"

/* Set the wall clock.  Returns 0 or -errno. */
int system_set_clock(u64 seconds, u32 nanoseconds);

/* Set the host name.  Returns 0 or -errno. */
int system_set_name(const char *name, u32 size);

/* Put bytes into the random pool, which counts them in full. */
int system_add_entropy(const void *bytes, u32 size);

/* Is this a LINUX_REBOOT_CMD_ that ends a machine? */
bool system_can_end(u32 cmd);

/*
 * End the machine, in another process: file systems are synced before, which
 * may take long.  Returns 0 or -errno.
 */
int system_end(u32 cmd);

#endif
