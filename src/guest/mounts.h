/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mounts - what the kernel's command line has us mount before the root's init
 *
 *	KILN_ROOT=MODE,TYPE,SOURCE	the root, in place of the initramfs
 *	KILN_ROOT=later			init itself mounts it
 *	KILN_NEXT=MODE,TYPE,SOURCE	the root after the one in the initramfs
 *	KILN_SHARE...=MODE,TAG,FOLDER	a folder of the host; any number of them
 *
 * MODE is ro, rw or overlay: that reads the root and keeps changes in memory.
 * TYPE is 9p, and SOURCE a tag, or disk, and SOURCE as in disk.h.  What is in the
 * initramfs's /kiln/modules is then in the root's /lib/modules.
 */
#ifndef GUEST_MOUNTS_H
#define GUEST_MOUNTS_H

#include <stdbool.h>

#include "text.h"

enum mounts_mode { MOUNTS_RO, MOUNTS_RW, MOUNTS_OVERLAY };

struct mounts_order {
	enum mounts_mode mode;
	char kind[32]; /* TYPE or TAG */
	const char *rest; /* SOURCE or FOLDER, part of the value */
};

/* Take a value apart.  Returns whether it is one. */
bool mounts_parse(struct mounts_order *ret, const char *value);

/* Mount the root.  Returns 0 or -errno, with a sentence in why. */
int mounts_make(struct text *why);

/* Mount the folders of the host; returns the same. */
int mounts_share(struct text *why);

/* Go on to the next root, and take along what is mounted; returns the same. */
int mounts_next(struct text *why);

#endif
