/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * disk - a block device, by its name or by what the file system on it says
 */
#ifndef GUEST_DISK_H
#define GUEST_DISK_H

#include <stdbool.h>

#include "text.h"

#define DISK_SUPERBLOCK 0x88 /* so much of it is looked at, */
#define DISK_SUPERBLOCK_AT 1024 /* and there it is */

/* Is this the superblock of an ext4 (ext3, ext2) with LABEL=... or UUID=...? */
bool disk_has(const char *superblock, const char *wanted);

/*
 * Find the disk that is wanted, /dev/NAME, LABEL=... or UUID=...; it may need
 * time to show up.  Its path goes to ret; /dev must be mounted.  Returns 0,
 * or -ENOENT.
 */
int disk_find(struct text *ret, const char *wanted);

#endif
