// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/macros.h"
#include "vm/run/user.h"

#define QUEUE_MAX 65536

/* How long a slow output may take at the end. */
#define LAST_MS 1000

static void user_be_gone(struct user *user, int err)
{
	queue_drop(&user->queue, queue_count(&user->queue));
	if (user->is_gone)
		return;
	user->is_gone = true;
	user->gone(user, err);
}

static void user_want_input(struct user *user)
{
	bool wants = user->has_input && !queue_count(&user->console->keys);

	/* A hang-up is to be seen though nothing is read. */
	loop_want(user->console->loop, &user->in, wants ? EPOLLIN :
		  user->has_input && user->is_tty ? EPOLLHUP : 0);
}

static void user_keys_read(struct console_ear *ear)
{
	user_want_input(container_of(ear, struct user, ear));
}

static void user_in_ready(struct loop_fd *fd, u32 events)
{
	struct user *user = container_of(fd, struct user, in);
	char keys[4096];
	ssize_t n;

	(void)events;
	n = read(fd->fd, keys, sizeof(keys));
	if (n > 0) {
		console_type(user->console, keys, n);
	} else if (!n || (errno != EINTR && errno != EAGAIN)) {
		user->has_input = false;
		if (user->is_tty)
			user_be_gone(user, -EIO);
	}
	user_want_input(user);
}

static void user_transmit(struct user *user)
{
	size_t count;
	ssize_t n;

	/* One page a pipe takes without blocking when it takes anything. */
	n = queue_write(&user->queue, user->out.fd, PIPE_BUF);
	if (n < 0 && n != -EAGAIN)
		user_be_gone(user, n);

	count = queue_count(&user->queue);
	loop_want(user->console->loop, &user->out, count ? EPOLLOUT : 0);
	console_hold(user->console, count > QUEUE_MAX);
}

static void user_out_ready(struct loop_fd *fd, u32 events)
{
	(void)events;
	user_transmit(container_of(fd, struct user, out));
}

static void user_hear(struct console_ear *ear, const char *bytes, size_t count)
{
	struct user *user = container_of(ear, struct user, ear);

	if (user->is_gone)
		return;
	queue_add(&user->queue, bytes, count);
	loop_want(user->console->loop, &user->out, EPOLLOUT);
	console_hold(user->console, queue_count(&user->queue) > QUEUE_MAX);
}

static bool user_wait_writable(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLOUT };

	return poll(&pollfd, 1, LAST_MS) > 0;
}

void user_open(struct user *user, struct console *console, int in, int out)
{
	int own = fd_open_nonblocking(out);

	user->owns_out = own >= 0;
	user->console = console;
	user->ear.hear = user_hear;
	user->ear.keys_read = user_keys_read;
	user->in = (struct loop_fd){ .fd = in, .ready = user_in_ready };
	user->out = (struct loop_fd){ .fd = own >= 0 ? own : out,
				      .ready = user_out_ready };
	user->has_input = in >= 0;
	user->is_tty = isatty(in);
	console_listen(console, &user->ear);
	user_want_input(user);
}

void user_close(struct user *user)
{
	if (!user->console)
		return;
	loop_want(user->console->loop, &user->in, 0);
	loop_want(user->console->loop, &user->out, 0);
	/* QEMU has ended: what it said last matters most, so wait a little. */
	while (queue_count(&user->queue) && !user->is_gone &&
	       user_wait_writable(user->out.fd))
		user_transmit(user);
	loop_want(user->console->loop, &user->out, 0);
	console_unlisten(user->console, &user->ear);
	queue_fini(&user->queue);
	if (user->owns_out)
		close(user->out.fd);
	user->console = NULL;
}
