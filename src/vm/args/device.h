/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * device - the devices of the menu: QEMU's part, and the kernel's
 */
#ifndef VM_ARGS_DEVICE_H
#define VM_ARGS_DEVICE_H

#include "vm/args/plan.h"

/* QEMU's connection to the first virtiofsd has this descriptor; the others follow. */
#define VIRTIOFS_FD 100

/* Append the words that start what the devices need beside QEMU, and then QEMU. */
void args_device_enter(struct argv *argv, const struct plan *plan);

/* Append the ports of the agent's device. */
void args_device_ports(struct argv *argv, const struct plan *plan);

/* Append the network card. */
void args_device_net(struct argv *argv, const struct plan *plan);

/* ... the disks and folders of the host. */
void args_device_outer(struct argv *argv, const struct plan *plan);

/* ... and the devices that are folders of the checkout. */
void args_device_folders(struct argv *argv, const struct plan *plan);

/* Has the machine room for all devices in argv?  Returns 0 or -EINVAL and *why. */
int args_device_fit(const struct argv *argv, const struct plan *plan,
		    char **why);

/* The device that forbids to save this machine, in a sentence; NULL: none. */
const char *args_device_unsaved(const struct plan *plan);

/*
 * The kernel's arguments, each with a blank before it.  The caller's to free.
 */
char *args_device_append(const struct plan *plan);

#endif
