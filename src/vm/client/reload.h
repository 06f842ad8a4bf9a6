/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reload - replaces modules of a running machine by newly built ones
 *
 * The new modules come from modules/FOLDER of the output directory.  Those that are
 * loaded are replaced; if none is loaded, all are loaded.  Loaded modules that use
 * them are unloaded first and loaded again last, with their old parameters.
 * Modules that they need are loaded, too.  eBPF programs that are attached to a module
 * are ended, and started again behind it.  If a new module fails to load, the old
 * ones are loaded again.  The new files replace the old ones in the guest.
 */
#ifndef VM_RELOAD_H
#define VM_RELOAD_H

#include "vm/client/client.h"

/*
 * Replace the modules; those of the folder get these parameters.  Prints the kernel
 * log of the time, and what goes wrong.  Returns the exit status.
 */
int reload(const struct client_options *options, const char *folder,
	   const char *params);

#endif
