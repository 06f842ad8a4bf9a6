/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fit - whether what is to be loaded fits into the machine, and the machine into
 * the host
 */
#ifndef VM_ARGS_FIT_H
#define VM_ARGS_FIT_H

#include "vm/args/plan.h"

/*
 * The memory in MiB that a kernel with so many bytes in memory takes to unpack an
 * initramfs of so many bytes; with less it leaves out files in silence.
 */
long fit_memory(unsigned long long kernel, unsigned long long initramfs,
		bool has_kasan);

/*
 * Look whether the initramfs fits into the machine's memory, and that into the
 * host's.  Returns 0, or -errno with a sentence in *why.
 */
int fit_check(const struct plan *plan, char **why);

#endif
