/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * args-device - the devices of the menu: QEMU's part, and the kernel's
 */
#ifndef VM_ARGS_DEVICE_H
#define VM_ARGS_DEVICE_H

#include "argv.h"
#include "config.h"

/* Append the words that start what the devices need beside QEMU, and then QEMU. */
void args_device_enter(struct argv *argv, const struct config *config,
		       const char *dir);

/* Append the ports of the agent's device; and how many there are. */
void args_device_ports(struct argv *argv, const struct config *config);
size_t args_device_count_ports(const struct config *config);

/*
 * Append the devices that need nothing of the host.  Returns 0, or -errno with a
 * sentence in *why.
 */
int args_device_inner(struct argv *argv, const struct config *config,
		      char **why);

/* ... and its disks and folders; dir is the output directory. */
int args_device_outer(struct argv *argv, const struct config *config,
		      const char *dir, char **why);

/* Has the machine room for all devices in argv?  Returns 0 or -EINVAL and *why. */
int args_device_fit(const struct argv *argv, const struct config *config,
		    char **why);

/* The device that forbids to save this machine, in a sentence; NULL: none. */
const char *args_device_unsaved(const struct config *config);

/*
 * The kernel's arguments, each with a blank before it.  The caller's to free; NULL
 * without memory.
 */
char *args_device_append(const struct config *config);

#endif
