/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reload - a module takes the place of the old one in a running machine
 *
 * What was built in modules/FOLDER of the output directory is taken.  Those of
 * its modules that are loaded are replaced, or all are loaded if none is.
 * Loaded modules that use them go first and come back last, with the parameters
 * that they had; modules that they need are loaded, too.  When one of the new
 * ones does not load, the old ones come back.  A new one also takes the place of
 * the old one's file in the guest.
 */
#ifndef VM_RELOAD_H
#define VM_RELOAD_H

#include "client.h"

/*
 * Do so; the folder's own modules get these parameters.  What the kernel logged
 * is printed.  Returns the exit status; what went wrong has been said.
 */
int reload(const struct client_options *options, const char *folder,
	   const char *params);

#endif
