/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vmcore - the dump of a machine's memory, as debuggers read it
 *
 * QEMU knows memory by the addresses of the machine.  It can give those of the
 * kernel, too, but the result (7.2) lacks most of the memory where that has a hole,
 * and with KASAN, which maps the same tables again and again, it never ends.
 */
#ifndef VM_VMCORE_H
#define VM_VMCORE_H

/*
 * QEMU writes its dump at this offset of the file.  What is before it stays a hole
 * for the headers that we write: crash reads only headers at the start of a file.
 */
#define VMCORE_ROOM (4 << 20)

/*
 * Add the kernel's virtual addresses to the dump in this file, read from the page
 * tables in the dump.  Nothing in the dump is trusted.  Returns 0 or -errno:
 * -EBADMSG if it is no dump, -ENOENT if the kernel has no page tables yet.
 */
int vmcore_map(const char *path);

#endif
