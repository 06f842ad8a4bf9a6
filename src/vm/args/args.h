/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * args - from the plan to QEMU's command
 *
 * Pure functions: the same plan gives the same words, and nothing is looked up on
 * the host.  src/test/corpus/args holds examples.
 */
#ifndef VM_ARGS_H
#define VM_ARGS_H

#include <stdbool.h>

#include "vm/args/plan.h"

/* The file of the lab's kernel below the output directory. */
const char *args_kernel(const struct plan *plan);

/* What a run adds to the plan. */
struct args_run {
	bool kvm;
	bool no_init; /* the first stage stays the only init, for a command */
	bool is_root; /* who starts QEMU */
	bool is_waiting; /* before the first instruction, for gdb */
	const char *append; /* further arguments for the kernel; or NULL */
};

/* The channels between QEMU and us */
enum args_channel {
	ARGS_QMP,
	ARGS_AGENT,
	ARGS_GDB, /* QEMU listens */
	ARGS_CHANNELS
};

/* A command, and where in it each run has words of its own */
struct args {
	struct argv argv;
	size_t machine; /* the word that follows -M */
	size_t channel[ARGS_CHANNELS]; /* those that follow -chardev */
};

/*
 * Compose the command that runs the machine, as a person would paste it: its
 * channels are sockets in the working folder.  The two functions below make it that
 * of a run.  Returns 0 or -errno, with a sentence in *why; argv_fini(&ret->argv) in
 * both cases.
 */
int args_machine(struct args *ret, const struct plan *plan,
		 const struct args_run *run, char **why);

/* Have QEMU connect this channel to what follows -chardev. */
void args_connect(struct args *args, enum args_channel channel,
		  const char *chardev);

/*
 * Have the file be the machine's memory: one that is to be saved, or that a machine
 * which was saved begins with, and leaves as it is.
 */
void args_set_memory(struct args *args, const struct plan *plan,
		     const char *file, bool is_saved);

/*
 * The word of VM_QEMU_ARGS that forbids to save the machine, as what it names is
 * not saved with it, or NULL.
 */
const char *args_unsaved(const struct plan *plan);

/*
 * Append the command that tries whether KVM works: the lab's kernel on the
 * lab's kind of machine.  Having no root it panics and resets, which ends QEMU
 * with 0.
 */
void args_trial(struct argv *argv, const struct plan *plan);

#endif
