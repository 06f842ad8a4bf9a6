/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * holders - finds out who in the guest keeps a module from being unloaded
 *
 * The kernel only counts references.  Suspects are processes with an open file whose
 * path contains the module's name, and mounts of a file system of this name; if
 * there are none, processes with any open device or file of /sys.
 */
#ifndef VM_HOLDERS_H
#define VM_HOLDERS_H

#include "vm/client/dialog.h"

/* Part of a sentence, which the caller frees; NULL: nobody was found. */
char *holders_find(struct dialog *dialog, const char *module);

/* The same of what the guest's shell said; for tests. */
char *holders_read(const char *text, const char *module);

#endif
