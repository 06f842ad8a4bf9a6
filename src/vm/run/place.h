/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * place - where a machine runs, and where its run leaves what it has to tell
 *
 * Each run leaves its result in a folder runs/DATE-PROCESS of the working folder, and
 * `last' there leads to the newest.  A machine that others are to find runs in the
 * working folder itself, one at a time; any other one in the folder of its run.
 */
#ifndef VM_PLACE_H
#define VM_PLACE_H

#include <stdbool.h>

#include "vm/lab.h"

struct place {
	char *work; /* QEMU's working folder */
	char *results; /* the run's folder */
	int work_lock; /* -1: it is the run's folder */
	int results_lock; /* the folder, as long as the run is not over */
	int single_lock; /* -1: machines of this lab can run side by side */
};

/*
 * Take a place for a machine of the lab, whose plan was made, in the working folder or
 * in that of its run.  Runs that have ended are removed first, the oldest ones, as the
 * menu has it.  Returns 0, or -errno after printing why; place_fini() in both cases.
 */
int place_take(struct place *ret, const struct lab *lab, bool is_own);

/* Remove what is in the folder of a run, which has no folders. */
void place_empty(int folder);

/* The descriptor that keeps others from this place. */
int place_lock(const struct place *place);

/*
 * Have the folder at `path' be that of the run, whose own is empty yet: whoever else wants
 * it finds it no more.  The folder has its own lock, which place_keep() takes over.  Returns
 * 0 or -errno: -ENOENT if it is not there any more.
 */
int place_enter(const struct place *place, const char *path);
void place_keep(struct place *place, int lock);

/* It is of no use: put it there, and have an empty folder again.  Returns 0 or -errno. */
int place_withdraw(struct place *place, const char *path);

/* The run is over: another machine may have the place.  What is there stays. */
void place_leave(struct place *place);
void place_fini(struct place *place);

#endif
