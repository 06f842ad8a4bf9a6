/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lab - an output directory, as the programs that run machines see it
 *
 * include/config/auto.conf, the kernel and the initramfs come from there, and
 * vm/ below it is ours.  One machine at a time runs in a working folder.
 */
#ifndef VM_LAB_H
#define VM_LAB_H

#include "config.h"

struct lab {
	const char *name; /* the output directory, as the user names it */
	char *dir; /* its absolute path */
	char *vm; /* what is of all machines of the lab is below this */
	char *work; /* where the machine runs; what is its own is below this */
	char *qemu; /* the program's real path; NULL if not found */
	struct config *config;
};

/*
 * The machine runs in `work`, or in vm/ if that is NULL.  Returns 0, or -errno
 * after having said why; lab_fini() in both cases.
 */
int lab_init(struct lab *lab, const char *name, const char *work);
void lab_fini(struct lab *lab);

/* Find QEMU.  Returns 0, or -errno after having said why. */
int lab_find_qemu(struct lab *lab);

/* Is there all that a machine needs?  0, or -errno after having said why. */
int lab_check(const struct lab *lab);

/*
 * Take the lock that a machine holds while it runs.  Returns a descriptor, or
 * -errno after having said why.
 */
int lab_lock(const struct lab *lab);

/*
 * The path of a file in vm/, which all machines of the lab have, or of the
 * machine's own; the caller's to free, NULL without memory.
 */
char *lab_path(const struct lab *lab, const char *file);
char *lab_work_path(const struct lab *lab, const char *file);

#endif
