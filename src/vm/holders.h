/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * holders - who in the guest keeps a module from being unloaded
 *
 * The kernel only counts.  Processes that have a file open which belongs to the
 * module by its name, or else a device's or one of a file system of the kernel's
 * own, are the ones to suspect, and mounts of its file system.
 */
#ifndef VM_HOLDERS_H
#define VM_HOLDERS_H

#include "dialog.h"

/* One sentence part, the caller's to free; NULL: nobody could be found. */
char *holders_find(struct dialog *dialog, const char *module);

/* The same of what the guest's shell said; for tests. */
char *holders_read(const char *text, const char *module);

#endif
