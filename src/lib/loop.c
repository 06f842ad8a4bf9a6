// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/macros.h"

int loop_init(struct loop *loop)
{
	*loop = (struct loop){ .epoll = epoll_create1(EPOLL_CLOEXEC) };
	return loop->epoll < 0 ? -errno : 0;
}

void loop_fini(struct loop *loop)
{
	if (loop->epoll >= 0)
		close(loop->epoll);
	loop->epoll = -1;
}

int loop_want(struct loop *loop, struct loop_fd *fd, u32 events)
{
	struct epoll_event event = { .events = events, .data.ptr = fd };
	int op = fd->is_polled ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	bool is_always = list_is_linked(&fd->node);

	if (fd->events == events && (fd->is_polled || is_always))
		return 0;

	fd->events = events;
	if (!events) {
		if (fd->is_polled)
			epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd->fd, NULL);
		fd->is_polled = false;
		list_remove(&fd->node);
		return 0;
	}
	if (is_always)
		return 0;
	if (!epoll_ctl(loop->epoll, op, fd->fd, &event)) {
		fd->is_polled = true;
		return 0;
	}
	if (errno != EPERM)
		return -errno;
	list_append(&loop->always, &fd->node);
	return 0;
}

static struct loop_timer *loop_timer_of(struct list_node *node)
{
	return container_of(node, struct loop_timer, node);
}

void loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
	(void)loop;
	list_remove(&timer->node);
}

bool loop_timer_is_set(const struct loop_timer *timer)
{
	return list_is_linked(&timer->node);
}

void loop_timer_set(struct loop *loop, struct loop_timer *timer, long long ms)
{
	struct list_node **at = &loop->timers.first;

	loop_timer_cancel(loop, timer);
	timer->due = clock_ms() + ms;
	while (*at && loop_timer_of(*at)->due <= timer->due)
		at = &(*at)->next;
	list_insert(at, &timer->node);
}

static int loop_timeout(const struct loop *loop)
{
	long long left;

	if (loop->always.first)
		return 0;
	if (!loop->timers.first)
		return -1;
	left = loop_timer_of(loop->timers.first)->due - clock_ms();
	if (left < 0)
		return 0;
	return left < INT_MAX ? left : INT_MAX;
}

static void loop_run_timers(struct loop *loop)
{
	struct loop_timer *timer;
	long long now;

	if (!loop->timers.first)
		return;
	now = clock_ms();
	while (!loop->is_done && loop->timers.first) {
		timer = loop_timer_of(loop->timers.first);
		if (timer->due > now)
			break;
		list_remove(&timer->node);
		timer->fire(timer);
	}
}

static void loop_run_always(struct loop *loop)
{
	struct loop_fd *fd;

	if (!loop->always.first || loop->is_done)
		return;
	fd = container_of(loop->always.first, struct loop_fd, node);
	list_remove(&fd->node);
	list_append(&loop->always, &fd->node);
	fd->ready(fd, fd->events);
}

int loop_run(struct loop *loop)
{
	struct epoll_event event;
	struct loop_fd *fd;
	int n;

	while (!loop->is_done) {
		n = epoll_wait(loop->epoll, &event, 1, loop_timeout(loop));
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			fd = event.data.ptr;
			fd->ready(fd, event.events);
		}
		loop_run_always(loop);
		loop_run_timers(loop);
	}
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->is_done = true;
}
