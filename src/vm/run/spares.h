/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * spares - machines that wait, went on from a saved state and know no run yet
 *
 * Each has a folder spares/KEY-PROCESS in the lab's vm/.  Its keeper (keeper.h) holds the
 * folder's lock and listens on the socket `take' there.  Who wants the machine renames the
 * folder to that of the run, so nobody else has it, and connects: all descriptors come
 * back, and the connection stays.  When it breaks, the machine is ended.  The key covers
 * all that the machine depends on, so what has changed is never found.  A folder that
 * nobody has locked is a dead one's.
 */
#ifndef VM_SPARES_H
#define VM_SPARES_H

#include "vm/run/handover.h"
#include "vm/run/launch.h"
#include "vm/run/place.h"

struct spare {
	struct handover handover;
	int teller; /* the connection to its keeper; 0: there is no spare */
};

/*
 * The key of spares for this machine, whose command was made.  Returns 0, or -errno:
 * -ENOENT if there is no state that they could go on from.
 */
int spares_key(char ret[STATE_KEY], const struct launch *launch);

/*
 * Take a spare with this key, into the place.  One that is being made is waited for, but
 * not once `signals' is readable.  Returns 0, or -errno if none is to be had; the place is
 * as before then.
 */
int spares_take(struct spare *ret, const struct lab *lab, const char *key,
		struct place *place, int signals);

/* A folder for a spare that is to be made */
struct spare_folder {
	char *path;
	int self; /* the folder, without its lock; -1: what is in it is a run's */
	int lock; /* the folder itself */
	int listener; /* on `take' in it */
};

/*
 * End those that have another key, and make a folder for one more if there are less than
 * `most'.  Returns 0, or -errno: -EAGAIN if there are as many.
 */
int spares_add(struct spare_folder *ret, const struct lab *lab,
	       const char *key, long most);

/* Remove the folder, wherever it is; closes the descriptors. */
void spares_remove(struct spare_folder *folder);

/* End all spares of the lab in this output directory, and wait for that. */
void spares_end(const char *lab);

#endif
