/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory - processors and memory: how much, of what, and in which nodes
 */
#ifndef VM_ARGS_MEMORY_H
#define VM_ARGS_MEMORY_H

#include "vm/args/plan.h"

/* Is it one object, by the name `memory', for -M? */
bool args_memory_is_one(const struct plan *plan);

/* Adds the memory, and the processors, which are in the same nodes. */
void args_memory(struct argv *argv, const struct plan *plan);

/*
 * Adds it as a file, by that name: one that is to be saved, or that a machine
 * which was saved begins with and leaves as it is.
 */
void args_memory_file(struct argv *argv, const struct plan *plan,
		      const char *path, bool is_saved);

#endif
