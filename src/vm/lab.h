/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lab - an output directory, as the programs that run machines see it
 *
 * include/config/auto.conf, the kernel and the initramfs are read from it; vm/ in
 * it belongs to us.
 */
#ifndef VM_LAB_H
#define VM_LAB_H

#include "lib/config.h"
#include "vm/args/plan.h"

struct lab {
	const char *name; /* the output directory, as the user names it */
	char *dir; /* its absolute path */
	char *vm; /* holds the files that all machines of the lab share */
	char *work; /* where machines run, see run/place.h */
	char *qemu; /* the program's real path; NULL if not found */
	struct config *config;
	struct processor processor; /* empty until it is asked for */
	struct foreign foreign; /* the kernel, if it has a path; else the lab's */
	struct plan plan; /* empty until lab_plan() */
};

/*
 * Machines run in `work`, or in vm/ if that is NULL.  Returns 0, or -errno
 * after printing why.  Call lab_fini() in both cases.
 */
int lab_init(struct lab *lab, const char *name, const char *work);
void lab_fini(struct lab *lab);

/*
 * Take another kernel than the lab's, with the folder of its modules unless that is
 * NULL; to be called before the plan is made.  Returns 0, or -errno after printing why.
 */
int lab_take_kernel(struct lab *lab, const char *file, const char *modules);

/* Make the plan of its machine.  Returns 0, or -errno after printing why. */
int lab_plan(struct lab *lab);

/* Find QEMU.  Returns 0, or -errno after printing why. */
int lab_find_qemu(struct lab *lab);

/*
 * Check that all files which the planned machine needs exist, and that it fits into
 * this one.  Returns 0, or -errno
 * after printing why.
 */
int lab_check(const struct lab *lab);

/*
 * The path of a file in vm/, shared by all machines of the lab, or in the working
 * folder; the caller frees it.
 */
char *lab_path(const struct lab *lab, const char *file);
char *lab_work_path(const struct lab *lab, const char *file);

#endif
