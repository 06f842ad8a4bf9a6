/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mounts - mounts what the kernel's command line asks for, before the root's init
 *
 *	KILN_ROOT=MODE,TYPE,SOURCE	the root, in place of the initramfs
 *	KILN_ROOT=later			init itself mounts it
 *	KILN_NEXT=MODE,TYPE,SOURCE	the root after the one in the initramfs
 *	KILN_SHARE...=MODE,TAG,FOLDER	a folder of the host; any number of them
 *	KILN_MODULES=none		the lab's modules are for another kernel
 *
 * MODE is ro, rw or overlay, which keeps changes in memory.  TYPE is 9p, with a tag
 * as SOURCE, or disk, with a SOURCE as in disk.h.  /kiln/modules of the initramfs is
 * bound to /lib/modules of the root, unless it is for another kernel.
 */
#ifndef GUEST_MOUNTS_H
#define GUEST_MOUNTS_H

#include <stdbool.h>

#include "guest/text.h"

enum mounts_mode { MOUNTS_RO, MOUNTS_RW, MOUNTS_OVERLAY };

struct mounts_order {
	enum mounts_mode mode;
	char kind[32]; /* TYPE or TAG */
	const char *rest; /* SOURCE or FOLDER, part of the value */
};

/* Parse a value.  Returns false if it is not valid. */
bool mounts_parse(struct mounts_order *ret, const char *value);

/* Mount the root.  Returns 0, or -errno with a sentence in why. */
int mounts_make(struct text *why);

/* Mount the folders of the host, unless they are.  Returns the same. */
int mounts_share(struct text *why);

/* Change to the next root, with the same folders of the host.  Returns the same. */
int mounts_next(struct text *why);

#endif
