/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * loop - waits for descriptors and timers, in one thread
 *
 * The loop calls back for one event at a time, so a callback may add and remove
 * any descriptor or timer.  A user embeds a struct loop_fd or loop_timer, finds
 * its own structure with container_of(), and must not move it before it has been
 * removed.  Regular files, which epoll refuses, count as always ready; they are
 * served in turn with the others.
 */
#ifndef LIB_LOOP_H
#define LIB_LOOP_H

#include <stdbool.h>
#include <sys/epoll.h>

#include "lib/list.h"
#include "lib/types.h"

struct loop_fd {
	int fd;
	u32 events; /* EPOLLIN, EPOLLOUT; 0: no calls, not even for a hang-up */
	void (*ready)(struct loop_fd *fd, u32 events);

	struct list_node node; /* in loop->always */
	bool is_polled;
};

struct loop_timer {
	void (*fire)(struct loop_timer *timer);

	struct list_node node; /* in loop->timers */
	long long due;
};

struct loop {
	int epoll;
	bool is_done;
	struct list always; /* files epoll does not take, the next to serve first */
	struct list timers; /* those that are set, the next to fire first */
};

/* Returns 0 or -errno. */
int loop_init(struct loop *loop);
void loop_fini(struct loop *loop);

/* Set the events for which fd is called from now on.  Returns 0 or -errno. */
int loop_want(struct loop *loop, struct loop_fd *fd, u32 events);

/* Set or reset the timer to fire once, in ms milliseconds. */
void loop_timer_set(struct loop *loop, struct loop_timer *timer, long long ms);
void loop_timer_cancel(struct loop *loop, struct loop_timer *timer);

/* Is the timer set, and has it not fired yet? */
bool loop_timer_is_set(const struct loop_timer *timer);

/* Wait and call back until loop_stop().  Returns 0 or -errno. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

#endif
