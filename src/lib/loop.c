// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"

long long loop_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

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

static void always_remove(struct loop *loop, struct loop_fd *fd)
{
	struct loop_fd **at = &loop->always;

	while (*at && *at != fd)
		at = &(*at)->next;
	if (*at)
		*at = fd->next;
	fd->is_always = false;
}

static void always_append(struct loop *loop, struct loop_fd *fd)
{
	struct loop_fd **at = &loop->always;

	while (*at)
		at = &(*at)->next;
	fd->next = NULL;
	*at = fd;
	fd->is_always = true;
}

int loop_want(struct loop *loop, struct loop_fd *fd, u32 events)
{
	struct epoll_event event = { .events = events, .data.ptr = fd };
	int op = fd->is_polled ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (fd->events == events && (fd->is_polled || fd->is_always))
		return 0;

	fd->events = events;
	if (!events) {
		if (fd->is_polled)
			epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd->fd, NULL);
		fd->is_polled = false;
		always_remove(loop, fd);
		return 0;
	}
	if (fd->is_always)
		return 0;
	if (!epoll_ctl(loop->epoll, op, fd->fd, &event)) {
		fd->is_polled = true;
		return 0;
	}
	if (errno != EPERM)
		return -errno;
	always_append(loop, fd);
	return 0;
}

void loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
	struct loop_timer **at = &loop->timers;

	while (*at && *at != timer)
		at = &(*at)->next;
	if (*at)
		*at = timer->next;
	timer->is_set = false;
}

void loop_timer_set(struct loop *loop, struct loop_timer *timer, long long ms)
{
	struct loop_timer **at = &loop->timers;

	loop_timer_cancel(loop, timer);
	timer->due = loop_now() + ms;
	while (*at && (*at)->due <= timer->due)
		at = &(*at)->next;
	timer->next = *at;
	*at = timer;
	timer->is_set = true;
}

static int timeout(const struct loop *loop)
{
	long long left;

	if (loop->always)
		return 0;
	if (!loop->timers)
		return -1;
	left = loop->timers->due - loop_now();
	if (left < 0)
		return 0;
	return left < INT_MAX ? left : INT_MAX;
}

static void run_timers(struct loop *loop)
{
	struct loop_timer *timer;
	long long now;

	if (!loop->timers)
		return;
	now = loop_now();
	while (!loop->is_done && loop->timers && loop->timers->due <= now) {
		timer = loop->timers;
		loop_timer_cancel(loop, timer);
		timer->fire(timer);
	}
}

static void run_always(struct loop *loop)
{
	struct loop_fd *fd = loop->always;

	if (!fd || loop->is_done)
		return;
	always_remove(loop, fd);
	always_append(loop, fd);
	fd->ready(fd, fd->events);
}

int loop_run(struct loop *loop)
{
	struct epoll_event event;
	struct loop_fd *fd;
	int n;

	while (!loop->is_done) {
		n = epoll_wait(loop->epoll, &event, 1, timeout(loop));
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			fd = event.data.ptr;
			fd->ready(fd, event.events);
		}
		run_always(loop);
		run_timers(loop);
	}
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->is_done = true;
}
