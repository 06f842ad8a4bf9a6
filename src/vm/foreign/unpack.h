/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unpack - has a program of this machine uncompress something
 *
 * The kernel may be compressed in seven ways; gzip, xz and the others know them.
 */
#ifndef VM_FOREIGN_UNPACK_H
#define VM_FOREIGN_UNPACK_H

#include "vm/foreign/span.h"

/* Does it begin as what gzip has compressed? */
bool unpack_is_gzip(struct span packed);

/*
 * Uncompress it.  *ret is to be given to unpack_free().  Returns 0 or -errno: -ENOENT
 * if the program is not there, -EINVAL if it is compressed in no way that is known.
 */
int unpack(struct span *ret, struct span packed);
void unpack_free(struct span unpacked);

#endif
