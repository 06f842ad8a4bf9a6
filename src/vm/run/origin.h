/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * origin - what a process passes on to the machine that it starts
 *
 * Its rights, limits, namespaces, processors, and the host that it runs on: a machine
 * that somebody else has started is as good as one's own only if these are the same.
 */
#ifndef VM_ORIGIN_H
#define VM_ORIGIN_H

#include "lib/argv.h"

/* Add words that differ when anything of that does. */
void origin_add(struct argv *words);

#endif
