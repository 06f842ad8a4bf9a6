/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * limits - the times after which a run is ended
 *
 * struct limits belongs to the caller; the loop must outlive it.
 */
#ifndef VM_LIMITS_H
#define VM_LIMITS_H

#include "lib/config.h"
#include "lib/loop.h"

enum limit {
	LIMIT_BOOT, /* until the agent is up */
	LIMIT_RUN, /* for the whole run, set by the user or in the menu */
	LIMIT_PANIC, /* from the kernel's last words */
	LIMITS
};

struct limits {
	/* The time is up.  Returns false if it shall begin anew. */
	bool (*passed)(struct limits *limits, enum limit limit);

	struct loop *loop;
	bool is_saved; /* the machine starts from a saved state */
	bool is_alone; /* nobody watches it, and nobody set a limit */
	long seconds[LIMITS]; /* 0: no limit */
	struct loop_timer timer[LIMITS];
};

/*
 * Set up, with the callback and both bools set: the boot's limit as configured, but
 * shorter for a machine that starts from a saved state; the run's limit is run_s, or
 * as configured if nobody watches it.
 */
void limits_init(struct limits *limits, struct loop *loop,
		 const struct config *config, int run_s);
void limits_fini(struct limits *limits);

/* Start the time, or start it anew. */
void limits_start(struct limits *limits, enum limit limit);
void limits_cancel(struct limits *limits, enum limit limit);

/* A sentence that tells which limit passed; the caller's to free. */
char *limits_text(const struct limits *limits, enum limit limit);

#endif
