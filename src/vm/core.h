/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * core - the dump of a machine's memory, as debuggers read it
 *
 * QEMU knows memory by the addresses of the machine.  It can give those of the
 * kernel, too, but the result (7.2) lacks most of the memory where that has a hole,
 * and with KASAN, which maps the same tables again and again, it never ends.
 */
#ifndef VM_CORE_H
#define VM_CORE_H

/*
 * QEMU's dump begins here in its file: crash reads no headers but those at a file's
 * beginning.  It is a hole but for these.
 */
#define CORE_ROOM (4 << 20)

/*
 * Give what is in the dump the addresses by which the kernel knows it, as the page
 * tables in it say.  Nothing in the dump is trusted.  Returns 0 or -errno: -EBADMSG
 * if it is no dump, -ENOENT if the kernel has no page tables yet.
 */
int core_map(const char *path);

#endif
