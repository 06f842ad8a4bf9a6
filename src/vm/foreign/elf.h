/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * elf - what a vmlinux says of itself
 *
 * A file may be cut off or be none: what is not there is not found.
 */
#ifndef VM_FOREIGN_ELF_H
#define VM_FOREIGN_ELF_H

#include "vm/foreign/span.h"

/* Notes of Linux, each with who defined it */
#define ELF_BUILD_ID "GNU", 3
#define ELF_PVH_ENTRY "Xen", 18

/* Is it a program, or a kernel, for x86-64? */
bool elf_is_ours(struct span file);

/* What this note says; empty if there is none. */
struct span elf_note(struct span file, const char *owner, unsigned int type);

/* What follows this text in the parts that are loaded; as span_behind() has it. */
struct span elf_behind(struct span file, const char *text);

#endif
