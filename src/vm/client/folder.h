/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * folder - copies folders into and out of the guest, by the tar of both
 *
 * Both print what goes wrong and return the exit status.  Files get their modes and
 * times; in the guest they belong to root, here to the user.
 */
#ifndef VM_FOLDER_H
#define VM_FOLDER_H

#include "vm/client/client.h"

/* Make the guest's folder `to' like this one; what else is in it stays. */
int folder_put(const struct client_options *options, const char *folder,
	       const char *to);

/* Make this folder `to' like the guest's; what else is in it stays. */
int folder_get(const struct client_options *options, const char *folder,
	       const char *to);

#endif
