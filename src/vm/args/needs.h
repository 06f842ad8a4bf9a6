/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * needs - what a kernel must have built in for the plan's machine and root
 *
 * The lab's own kernel has all that by its fragments, recipes/linux/NAME.config; one
 * from elsewhere is compared with this list.  A module comes too late: it would have
 * to be loaded by the programs that cannot start without it.
 */
#ifndef VM_ARGS_NEEDS_H
#define VM_ARGS_NEEDS_H

#include "lib/argv.h"
#include "vm/args/plan.h"

/* All of it: "CONFIG_PCI, CONFIG_VIRTIO_PCI, ...".  The caller frees it. */
char *needs_text(const struct plan *plan);

/*
 * Compare the plan's foreign kernel with the list, if its configuration is known.
 * Returns 0, or -ENOEXEC with a sentence in *why.
 */
int needs_check(const struct plan *plan, char **why);

/*
 * The option without which only the network is missing; NULL: the plan has none, the
 * kernel has it, or nobody knows.
 */
const char *needs_network(const struct plan *plan);

#endif
