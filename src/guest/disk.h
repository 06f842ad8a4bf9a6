/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * disk - finds a block device by its name, or by its file system's label or UUID
 */
#ifndef GUEST_DISK_H
#define GUEST_DISK_H

#include <stdbool.h>

#include "guest/text.h"

#define DISK_SUPERBLOCK 0x88 /* bytes of the superblock that are read */
#define DISK_SUPERBLOCK_AT 1024 /* its offset on the disk */

/* Is this the superblock of an ext4 (ext3, ext2) with LABEL=... or UUID=...? */
bool disk_has(const char *superblock, const char *wanted);

/*
 * Find the disk /dev/NAME, LABEL=... or UUID=..., and wait a while for it to show
 * up.  Appends its path to ret; /dev must be mounted.  Returns 0 or -ENOENT.
 */
int disk_find(struct text *ret, const char *wanted);

#endif
