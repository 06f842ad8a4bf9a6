/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * work - the work of the agent's processes on files and modules
 *
 * Data are read from standard input and written to standard output.  All functions
 * return 0 or -errno, and run in a process that ends afterwards.
 */
#ifndef GUEST_WORK_H
#define GUEST_WORK_H

#include <stddef.h>
#include <time.h>

#include "lib/types.h"

/* Make SIGTERM remove the temporary file of a PUT.  Call it with signals blocked. */
void work_prepare(u16 type);

/*
 * Replace the file by the data, atomically.  It gets this mode and, if `changed' is
 * not NULL, this time.
 */
int work_put(const char *path, u32 mode, const struct timespec *changed);

/* Send a STAT frame to the descriptor `report`, then the file. */
int work_get(const char *path, int report);

/* Load the data as a module, with parameters. */
int work_load(const char *parameters);

/* Unload a module; flags as for delete_module(2). */
int work_unload(const char *name, u32 flags);

/*
 * Copy the kernel's messages since loading or unloading began, one per line.
 * Returns the size.
 */
size_t work_words(char *to, size_t room);

#endif
