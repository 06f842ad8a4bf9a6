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
 * tables in the dump; `table' is what args/processor.h has for this key.  Where the
 * registers in a dump do not lead to the tables, the kernel's own note has to
 * (VMCOREINFO, of a kernel with PROC_KCORE or kexec), which is added for debuggers; a
 * dump without it keeps the machine's addresses alone.  Nothing in the dump is trusted.
 * Returns 0 or -errno: -EBADMSG if it is no dump, -ENOENT if the kernel has no page
 * tables yet, -EINVAL if `table' is nothing.
 */
int vmcore_map(const char *path, const char *table);

#endif
