/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * loop - waits for descriptors and for the time, in one thread
 *
 * One call is made for each thing that happens, so a callback may add and
 * remove whatever it likes.  Those who want to hear embed a struct loop_fd or
 * loop_timer, find their own with container_of(), and keep it where it is until
 * it has been removed.  A file that is always ready, as on a disk, is called
 * in turn with the others.
 */
#ifndef LIB_LOOP_H
#define LIB_LOOP_H

#include <stdbool.h>
#include <sys/epoll.h>

#include "types.h"

struct loop_fd {
	int fd;
	u32 events; /* of EPOLLIN and EPOLLOUT; 0: not even a hang-up */
	void (*ready)(struct loop_fd *fd, u32 events);

	struct loop_fd *next; /* of those that are always ready */
	bool is_polled;
	bool is_always;
};

struct loop_timer {
	void (*fire)(struct loop_timer *timer);

	struct loop_timer *next;
	long long due;
	bool is_set;
};

struct loop {
	int epoll;
	bool is_done;
	struct loop_fd *always; /* the next one is the first */
	struct loop_timer *timers; /* the next one is the first */
};

/* Returns 0 or -errno. */
int loop_init(struct loop *loop);
void loop_fini(struct loop *loop);

/* Say which events fd shall be called for from now on.  Returns 0 or -errno. */
int loop_want(struct loop *loop, struct loop_fd *fd, u32 events);

/* Set the timer, or set it anew, to fire once in ms milliseconds. */
void loop_timer_set(struct loop *loop, struct loop_timer *timer, long long ms);
void loop_timer_cancel(struct loop *loop, struct loop_timer *timer);

/* Call back until loop_stop().  Returns 0 or -errno. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Milliseconds on a clock that only runs forward. */
long long loop_now(void);

#endif
