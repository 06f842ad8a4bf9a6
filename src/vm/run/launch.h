/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * launch - QEMU's command, made and started
 *
 * The command depends on how the machine starts, which is chosen here, too: from
 * a saved state if there is one for the same command.  struct launch belongs to
 * the caller, who frees it with launch_fini(); what spec points to must outlive it.
 */
#ifndef VM_LAUNCH_H
#define VM_LAUNCH_H

#include <signal.h>

#include "vm/args/args.h"
#include "vm/lab.h"
#include "vm/qemu/machine.h"
#include "vm/qemu/saved.h"

struct launch_spec {
	const struct lab *lab;
	const char *work; /* QEMU's working folder */
	const sigset_t *mask; /* for QEMU */
	int signals; /* a descriptor that ends all waiting */
	bool kvm;
	bool has_command; /* the guest runs a command, and no init */
	bool boot; /* though there may be a saved state */
	bool renew; /* the saved state */
	bool save; /* the user asked for nothing but a saved state */
	bool load; /* the saved state that there is, or nothing */
	bool gdb; /* wait for it before the first instruction */
	const char *append; /* further arguments for the kernel; or NULL */
};

struct launch {
	const struct launch_spec *spec;
	struct args args; /* the command; the first word is what is started */
};

/* Make the command.  Returns 0 or -errno, with a sentence in *why. */
int launch_make(struct launch *launch, const struct launch_spec *spec,
		char **why);

/* May this machine start from a saved state? */
bool launch_may_load(const struct launch_spec *spec);

/* What its saved state depends on. */
struct saved_spec launch_saved_spec(const struct launch *launch);

/*
 * Choose how it starts, and connect the command to a machine that was initialised;
 * saved has its callback set.  Returns 0 or -errno, with a sentence in *why.
 */
int launch_connect(struct launch *launch, struct loop *loop,
		   struct machine *machine, struct saved *saved, char **why);
void launch_fini(struct launch *launch);

/* Start the command.  Returns 0 or -errno, with a sentence in *why. */
int launch_start(const struct launch *launch, struct machine *machine,
		 char **why);

#endif
