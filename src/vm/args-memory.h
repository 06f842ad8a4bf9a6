/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * args-memory - processors and memory: how much, of what, and in which nodes
 */
#ifndef VM_ARGS_MEMORY_H
#define VM_ARGS_MEMORY_H

#include "args.h"

/* Is it one file or object, by the name `memory', for -M? */
bool args_memory_is_one(const struct config *config,
			const struct args_run *run);

/* Adds it, and the processors, for they are in the same nodes. */
void args_memory(struct argv *argv, const struct config *config,
		 const struct args_run *run);

#endif
