/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bus - a folder of the host as a device on the machine's bus
 */
#ifndef VM_ARGS_BUS_H
#define VM_ARGS_BUS_H

#include "vm/args/plan.h"

/*
 * A folder of the host, which the guest mounts by its tag.  options is how owners
 * are treated, and more of QEMU's -fsdev.
 */
void args_bus_9p(struct argv *argv, const struct plan *plan, const char *tag,
		 const char *path, const char *options);

#endif
