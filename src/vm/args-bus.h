/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * args-bus - where the machine has its virtio devices
 */
#ifndef VM_ARGS_BUS_H
#define VM_ARGS_BUS_H

#include "argv.h"
#include "config.h"

/* The end of the names of virtio devices: device on virtio-mmio, or pci. */
const char *args_bus(const struct config *config);

/*
 * A folder of the host, which the guest mounts by its tag.  options is how owners
 * are treated, and more of QEMU's -fsdev.
 */
void args_bus_9p(struct argv *argv, const struct config *config,
		 const char *tag, const char *path, const char *options);

#endif
