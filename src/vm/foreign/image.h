/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * image - the file of a kernel: a bzImage, or a vmlinux that QEMU can start; or, for
 * processors that have such, an Image
 *
 * The first two have the same kernel in them, an ELF file, which the bzImage has
 * compressed; an Image is what is in memory, with a head.
 */
#ifndef VM_FOREIGN_IMAGE_H
#define VM_FOREIGN_IMAGE_H

#include "vm/foreign/foreign.h"
#include "vm/foreign/span.h"

struct image {
	struct span file; /* as it is mapped */
	struct span elf; /* empty: an Image has none, or nothing here can uncompress it */
	struct span id; /* of the build; empty: not known */
	bool is_packed; /* it is a bzImage */
	bool is_vmlinux;
	char *release; /* as uname -r tells it; NULL: the file does not */
	unsigned long long memory; /* that it says to take; else 0 */
};

/*
 * Read the file of a kernel of this kind.  Returns 0, or -errno with a sentence in
 * *why: also when QEMU cannot start such a kernel.  image_close() in both cases.
 */
int image_open(struct image *ret, const char *path,
	       const struct foreign_kind *kind, char **why);
void image_close(struct image *image);

/* What follows this text in the kernel; as span_behind() has it. */
struct span image_behind(const struct image *image, const char *text);

/* Map a file to look into it.  Returns 0 or -errno. */
int image_map(struct span *ret, const char *path);
void image_unmap(struct span file);

#endif
