/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * accel - does KVM work here?
 *
 * Looking cannot tell: on some hosts /dev/kvm opens, its API answers, and then
 * QEMU aborts, hangs or crawls.  So the kernel is booted under KVM for a trial
 * of 2.5 s at most.  The result is kept in the file `accel` of a folder and holds
 * for this boot of the host, this QEMU program, this kind of machine and this state
 * of /dev/kvm.  The kernel gets no root, so it has come up when it panics for that.
 * That it hung or reset without a word is held against KVM only when it comes up
 * without.
 */
#ifndef VM_ACCEL_H
#define VM_ACCEL_H

#include <signal.h>
#include <stdbool.h>

struct accel_spec {
	const char *work; /* the folder of what is remembered */
	const char *machine; /* the kind of machine */
	const char *qemu; /* the program, its real path */
	const char *device; /* /dev/kvm, unless a test says otherwise */
};

struct accel_trial {
	char *const *argv; /* as from args_trial() */
	const sigset_t *mask; /* the signals which the trial's QEMU blocks */
	int signals; /* readable when a signal wants us to stop */
	const char *log; /* the file that it writes to */
};

struct accel {
	bool kvm;
	bool is_new; /* found out now, so worth a line to the user */
	bool is_doubtful; /* the kernel's fault, maybe: it fails without KVM too */
	char *why; /* what speaks against KVM; NULL if it works */
};

/* What is remembered.  Returns 0 or -errno: -ENOENT if nothing that holds. */
int accel_recall(struct accel *ret, const struct accel_spec *spec);

/*
 * What is remembered, or else what a trial shows.  Returns 0 or -errno: -EINTR
 * when a signal came, which is still to be read.
 */
int accel_choose(struct accel *ret, const struct accel_spec *spec,
		 const struct accel_trial *trial);

/* The machine came up without KVM: a doubtful result is one, and is kept. */
void accel_confirm(const struct accel *accel, const struct accel_spec *spec);

void accel_fini(struct accel *accel);

#endif
