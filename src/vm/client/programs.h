/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * programs - the guest's eBPF programs that keep a module from being unloaded
 *
 * Both call bpf-again in the guest (src/bpf/again.c), which is where the lab has eBPF,
 * and print what it says.
 */
#ifndef VM_PROGRAMS_H
#define VM_PROGRAMS_H

#include <stdbool.h>

#include "vm/client/dialog.h"

/* End those that are attached to the module.  Returns whether there were any. */
bool programs_stop(struct dialog *dialog, const char *module);

/* Start those again that were ended.  Returns false if one does not run. */
bool programs_start(struct dialog *dialog);

#endif
