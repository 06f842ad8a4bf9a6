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
 * Give what is in the dump the addresses by which the kernel knows it, as the page
 * tables in it say.  Nothing in the dump is trusted.  Returns 0 or -errno: -EBADMSG
 * if it is no dump, -ENOENT if the kernel has no page tables yet.
 */
int core_map(const char *path);

#endif
