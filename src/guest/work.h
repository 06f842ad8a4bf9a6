/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * work - what the agent's processes do themselves: files and modules
 *
 * Data come from standard input and go to standard output.  All return 0 or
 * -errno, and run in a process that ends then.
 */
#ifndef GUEST_WORK_H
#define GUEST_WORK_H

#include <stddef.h>

#include "types.h"

/* To be called with signals blocked: a PUT that SIGTERM ends leaves nothing. */
void work_prepare(u16 type);

/* Make what comes the content of the file, at once and only as a whole. */
int work_put(const char *path, u32 mode);

/* Send the file; a STAT frame goes to the descriptor before. */
int work_get(const char *path, int report);

/* Load what comes as a module, with parameters. */
int work_load(const char *parameters);

/* Unload a module; flags as for delete_module(2). */
int work_unload(const char *name, u32 flags);

/*
 * What the kernel has said since loading or unloading began, a line for each
 * message.  Returns the size.
 */
size_t work_words(char *to, size_t room);

#endif
