/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * image - the file of a kernel: a bzImage, or a vmlinux that QEMU can start
 *
 * Both have the same kernel in them, an ELF file, which the bzImage has compressed.
 */
#ifndef VM_FOREIGN_IMAGE_H
#define VM_FOREIGN_IMAGE_H

#include "vm/foreign/span.h"

struct image {
	struct span file; /* as it is mapped */
	struct span elf; /* empty: nothing here can uncompress it */
	bool is_packed; /* it is a bzImage */
	char *release; /* as uname -r tells it; NULL: the file does not */
	unsigned long long memory; /* that a bzImage takes to start; else 0 */
};

/*
 * Read the file.  Returns 0, or -errno with a sentence in *why: also when QEMU cannot
 * start such a kernel.  image_close() in both cases.
 */
int image_open(struct image *ret, const char *path, char **why);
void image_close(struct image *image);

/* Map a file to look into it.  Returns 0 or -errno. */
int image_map(struct span *ret, const char *path);
void image_unmap(struct span file);

#endif
