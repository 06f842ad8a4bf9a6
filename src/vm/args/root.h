/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * root - the root and the host's folders: QEMU's part, and the kernel's
 *
 * What the kernel is told is for the first stage, src/guest/mounts.h.
 */
#ifndef VM_ARGS_ROOT_H
#define VM_ARGS_ROOT_H

#include <stdbool.h>

#include "vm/args/plan.h"

/*
 * The files of a Debian belong to many ids, and virtiofsd wants to be root.  Who is
 * not has that only in a namespace of users: append the words that start QEMU there.
 */
void args_root_enter(struct argv *argv, const struct plan *plan, bool is_root);

/* Append the devices. */
void args_root_devices(struct argv *argv, const struct plan *plan);

/* What forbids to save this machine, as it is outside of it; NULL: nothing. */
const char *args_root_unsaved(const struct plan *plan);

/*
 * The kernel's arguments, each with a blank before it, without an init if none is
 * wanted.  The caller's to free.
 */
char *args_root_append(const struct plan *plan, bool no_init);

#endif
