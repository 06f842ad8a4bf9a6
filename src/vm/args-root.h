/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * args-root - the root and the host's folders: QEMU's part, and the kernel's
 *
 * What the kernel is told is for the first stage, src/guest/mounts.h.
 */
#ifndef VM_ARGS_ROOT_H
#define VM_ARGS_ROOT_H

#include <stdbool.h>

#include "argv.h"
#include "config.h"

/* Returns 0, or -EINVAL with a sentence in *why. */
int args_root_check(const struct config *config, char **why);

/*
 * The files of a Debian belong to many ids, and virtiofsd wants to be root.  Who is
 * not has that only in a namespace of users: append the words that start QEMU there.
 */
void args_root_enter(struct argv *argv, const struct config *config,
		     bool is_root);

/* Append the devices; dir is the output directory. */
void args_root_devices(struct argv *argv, const struct config *config,
		       const char *dir);

/* The disk's file below the output directory; NULL: there is none. */
const char *args_root_disk(const struct config *config);

/* What forbids to save this machine, as it is outside of it; NULL: nothing. */
const char *args_root_unsaved(const struct config *config);

/*
 * The kernel's arguments, each with a blank before it, without an init if none is
 * wanted.  The caller's to free; NULL without memory.
 */
char *args_root_append(const struct config *config, bool no_init);

#endif
