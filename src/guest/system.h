/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * system - changes the whole machine: clock, name, entropy, power
 */
#ifndef GUEST_SYSTEM_H
#define GUEST_SYSTEM_H

#include <stdbool.h>

#include "lib/types.h"

/* Set the wall clock.  Returns 0 or -errno. */
int system_set_clock(u64 seconds, u32 nanoseconds);

/* Set the host name.  Returns 0 or -errno. */
int system_set_name(const char *name, u32 size);

/* Add bytes to the random pool, credited in full. */
int system_add_entropy(const void *bytes, u32 size);

/* Does this LINUX_REBOOT_CMD_ end a machine? */
bool system_can_end(u32 cmd);

/*
 * End the machine from another process, which syncs file systems first; that may
 * take long.  Returns 0 or -errno.
 */
int system_end(u32 cmd);

#endif
