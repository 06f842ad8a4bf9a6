/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * state - files with saved machines
 *
 * A state is one file.  Its name is a key, made of all that the machine depends
 * on: what has changed is never found.  The file holds the machine's memory, with
 * holes for pages of zero, then what QEMU said of its devices, then a tail with
 * the key, the sizes and a checksum of everything.  It gets its name when it is
 * complete.  QEMU maps the memory from it and never writes to it.
 */
#ifndef VM_STATE_H
#define VM_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/types.h"

#define STATE_KEY 33 /* with the NUL */

/* More than QEMU ever says of the devices; a damaged file may. */
#define STATE_DEVICES (64 * 1024 * 1024)

/* The file while it is written, in the folder of the states. */
#define STATE_NEW "new"

struct state {
	int fd; /* the memory is its beginning */
	u64 memory; /* its size */
	u64 up; /* the machine has run for so many milliseconds, at most */
	char *devices; /* what QEMU said of them; the tail follows */
	size_t count;
};

/*
 * Make the key of the machine that these words start, each for the same in any
 * run, and these files; both end with NULL.  With is_kvm it depends on the
 * processor and the kernel of this host as well.  Returns 0 or -errno.
 */
int state_key(char ret[STATE_KEY], char *const *words,
	      const char *const *files, bool is_kvm);

/*
 * Open the state with this key and so much memory.  Returns 0, -ENOENT if there
 * is none, or another -errno if it is of no use, with the reason in *why.
 */
int state_open(struct state *ret, const char *dir, const char *key, u64 memory,
	       char **why);
void state_close(struct state *state);

/*
 * Compare it with its checksum, which takes a millisecond for each 5 MB or so.
 * Returns 0 or -errno, with the reason in *why.
 */
int state_check(const struct state *state, char **why);

/* Remove it.  Returns 0 or -errno. */
int state_remove(const char *dir, const char *key);

/*
 * Write the state, whose memory is any file, and remove what is more than `keep`
 * states, those that were not used for longest first.  Returns 0 or -errno:
 * -EAGAIN if another process writes one at this moment.
 */
int state_save(const struct state *state, const char *dir, const char *key,
	       long keep);

/* Remove what one that was killed has left half written, unless one is written now. */
void state_tidy(const char *dir);

/* Remove what is more than that.  Returns 0 or -errno. */
int state_prune(const char *dir, long keep);

#endif
