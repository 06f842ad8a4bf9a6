/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * args - from the configuration to QEMU's command
 *
 * Pure functions: the same configuration gives the same words, and nothing is
 * looked up on the host.  src/test/args holds examples.
 */
#ifndef VM_ARGS_H
#define VM_ARGS_H

#include <stdbool.h>

#include "argv.h"
#include "config.h"

/* The kind of machine, as QEMU calls it. */
const char *args_machine_name(const struct config *config);

/* The kernel's file below the output directory. */
const char *args_kernel(const struct config *config);

/* What a run adds to the configuration. */
struct args_run {
	bool kvm;
	bool no_init; /* the first stage stays the only init, for a command */
	bool is_root; /* who starts QEMU */
	bool is_waiting; /* before the first instruction, for gdb */
	const char *append; /* further arguments for the kernel; or NULL */
	/* What QEMU connects these channels to: what follows -chardev. */
	const char *qmp;
	const char *agent;
	const char *gdb; /* listens */
	/* The file that is the machine's memory; NULL: QEMU's own. */
	const char *memory;
	bool is_saved; /* with that a machine begins, and leaves it as it is */
};

/* The same for a command that a person pastes. */
#define ARGS_PASTED_QMP "socket,path=qmp,server=on,wait=off"
#define ARGS_PASTED_AGENT "socket,path=agent,server=on,wait=off"
#define ARGS_PASTED_GDB "socket,path=gdb"

/*
 * Append the command that runs the lab's machine; dir is the output directory.
 * Returns 0 or -errno, with a sentence in *why.
 */
int args_machine(struct argv *argv, const struct config *config,
		 const char *dir, const struct args_run *run, char **why);

/*
 * The word of VM_QEMU_ARGS that forbids to save the machine, as what it names is
 * not saved with it, or NULL; the caller's to free.
 */
char *args_unsaved(const struct config *config);

/*
 * Append the command that tries whether KVM works: the lab's kernel on the
 * lab's kind of machine.  Having no root it panics and resets, which ends QEMU
 * with 0.  Returns 0 or -errno, with a sentence in *why.
 */
int args_trial(struct argv *argv, const struct config *config,
	       const char *dir, char **why);

#endif
