// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "fd.h"
#include "macros.h"
#include "person.h"

#define QUEUE_MAX 65536

/* How long a slow output may take at the end. */
#define LAST_MS 1000

static void be_gone(struct person *person, int err)
{
	queue_drop(&person->queue, queue_count(&person->queue));
	if (person->is_gone)
		return;
	person->is_gone = true;
	person->gone(person, err);
}

static void want_input(struct person *person)
{
	bool wants = person->has_input && !queue_count(&person->console->keys);

	loop_want(person->console->loop, &person->in, wants ? EPOLLIN : 0);
}

static void keys_read(struct console_ear *ear)
{
	want_input(container_of(ear, struct person, ear));
}

static void in_ready(struct loop_fd *fd, u32 events)
{
	struct person *person = container_of(fd, struct person, in);
	char keys[4096];
	ssize_t n;

	(void)events;
	n = read(fd->fd, keys, sizeof(keys));
	if (n > 0) {
		console_type(person->console, keys, n);
	} else if (!n || (errno != EINTR && errno != EAGAIN)) {
		person->has_input = false;
		if (person->is_tty)
			be_gone(person, -EIO);
	}
	want_input(person);
}

static void transmit(struct person *person)
{
	size_t count;
	ssize_t n;

	/* One page a pipe takes without blocking when it takes anything. */
	n = queue_write(&person->queue, person->out.fd, PIPE_BUF);
	if (n < 0 && n != -EAGAIN)
		be_gone(person, n);

	count = queue_count(&person->queue);
	loop_want(person->console->loop, &person->out, count ? EPOLLOUT : 0);
	console_hold(person->console, count > QUEUE_MAX);
}

static void out_ready(struct loop_fd *fd, u32 events)
{
	(void)events;
	transmit(container_of(fd, struct person, out));
}

static void hear(struct console_ear *ear, const char *bytes, size_t count)
{
	struct person *person = container_of(ear, struct person, ear);

	if (person->is_gone)
		return;
	if (queue_add(&person->queue, bytes, count) < 0)
		be_gone(person, -ENOMEM);
	loop_want(person->console->loop, &person->out, EPOLLOUT);
	console_hold(person->console,
		     queue_count(&person->queue) > QUEUE_MAX);
}

static bool wait_writable(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLOUT };

	return poll(&pollfd, 1, LAST_MS) > 0;
}

void person_open(struct person *person, struct console *console, int in,
		 int out)
{
	int own = fd_open_nonblocking(out);

	person->owns_out = own >= 0;
	person->console = console;
	person->ear.hear = hear;
	person->ear.keys_read = keys_read;
	person->in = (struct loop_fd){ .fd = in, .ready = in_ready };
	person->out = (struct loop_fd){ .fd = own >= 0 ? own : out,
					.ready = out_ready };
	person->has_input = in >= 0;
	person->is_tty = isatty(in);
	console_listen(console, &person->ear);
	want_input(person);
}

void person_close(struct person *person)
{
	if (!person->console)
		return;
	loop_want(person->console->loop, &person->in, 0);
	loop_want(person->console->loop, &person->out, 0);
	/* QEMU has ended: what it said last matters most, so wait a little. */
	while (queue_count(&person->queue) && !person->is_gone &&
	       wait_writable(person->out.fd))
		transmit(person);
	loop_want(person->console->loop, &person->out, 0);
	console_unlisten(person->console, &person->ear);
	queue_fini(&person->queue);
	if (person->owns_out)
		close(person->out.fd);
	person->console = NULL;
}
