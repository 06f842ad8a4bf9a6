/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * virtiofs - a virtiofsd for each folder of VM_SHARES, and then QEMU
 *
 * The word `virtiofs' stands before QEMU in the command that is made (args.h), so
 * that a person can paste it.  The process becomes QEMU, and those that it has
 * started end when it does.
 */
#ifndef VM_VIRTIOFS_H
#define VM_VIRTIOFS_H

/* Does not return if all is well; otherwise, after having said why, a status. */
int virtiofs(const char *dir, char *const *command);

#endif
