// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/macros.h"
#include "vm/link/link.h"

#define READ_SIZE (FRAME_HEAD + FRAME_MAX)
#define OUT_MAX (8 * 1024 * 1024)

/* Take or skip one frame; returns false if more bytes are needed. */
static bool link_take(struct link *link)
{
	size_t count = queue_count(&link->in);
	const char *bytes = queue_first(&link->in);
	struct frame frame;
	int n;

	if (link->is_skipping) {
		queue_drop(&link->in, frame_skip(bytes, count));
		count = queue_count(&link->in);
		bytes = queue_first(&link->in);
	}
	if (!count)
		return false;

	n = frame_read(&frame, bytes, count);
	if (n < 0) {
		link->is_skipping = true;
		/* A HELLO cannot begin with this byte, but with the next. */
		queue_drop(&link->in, 1);
		link->lost(link);
	} else if (n > 0) {
		link->is_skipping = false;
		link->frame(link, &frame, bytes + FRAME_HEAD);
		queue_drop(&link->in, FRAME_HEAD + frame.size);
	}
	return n && !link->err;
}

/* Returns the result of the read: 0 at the end, -EAGAIN if there is no more. */
static ssize_t link_receive(struct link *link)
{
	ssize_t n = queue_read(&link->in, link->fd.fd, READ_SIZE);

	if (n > 0)
		while (link_take(link))
			;
	return n;
}

static void link_transmit(struct link *link)
{
	ssize_t n = queue_write(&link->out, link->fd.fd, OUT_MAX);

	/* The other side is gone, but its last frames may still be there to read. */
	if (n == -EPIPE)
		queue_drop(&link->out, queue_count(&link->out));
	else if (n < 0 && n != -EAGAIN)
		link_break(link, n);
	if (!link->err)
		loop_want(link->loop, &link->fd, EPOLLIN |
			  (queue_count(&link->out) ? EPOLLOUT : 0));
}

static void link_ready(struct loop_fd *fd, u32 events)
{
	struct link *link = container_of(fd, struct link, fd);
	ssize_t n = 1;

	if (!link->err && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		n = link_receive(link);
	if (!link->err && n && events & EPOLLOUT) {
		link_transmit(link);
		if (!link->err && !queue_count(&link->out) && link->drained)
			link->drained(link);
	}

	if (n < 0 && n != -EAGAIN)
		link_break(link, n);
	if (link->err || !n) {
		loop_want(link->loop, fd, 0);
		link->over(link, link->err);
	}
}

int link_open(struct link *link, struct loop *loop, int fd)
{
	link->loop = loop;
	link->fd = (struct loop_fd){ .fd = fd, .ready = link_ready };
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return loop_want(loop, &link->fd, EPOLLIN);
}

void link_close(struct link *link)
{
	if (!link->loop)
		return;
	loop_want(link->loop, &link->fd, 0);
	close(link->fd.fd);
	queue_fini(&link->in);
	queue_fini(&link->out);
	link->loop = NULL;
}

int link_send(struct link *link, const struct frame *frame, const void *data)
{
	char head[FRAME_HEAD];
	bool was_empty = !queue_count(&link->out);

	if (!link->loop)
		return -EPIPE;
	if (link->err)
		return link->err;

	frame_write(head, frame);
	if (queue_count(&link->out) > OUT_MAX) {
		link_break(link, -ENOBUFS);
		return -ENOBUFS;
	}
	queue_add(&link->out, head, sizeof(head));
	queue_add(&link->out, data, frame->size);
	if (was_empty)
		link_transmit(link);
	return link->err;
}

int link_hello(struct link *link, u64 ns)
{
	struct frame hello = { .type = FRAME_HELLO, .size = ns ? 12 : 4 };
	char data[12];

	frame_put64(frame_put32(data, FRAME_VERSION), ns);
	return link_send(link, &hello, data);
}

size_t link_waiting(const struct link *link)
{
	return queue_count(&link->out);
}

void link_drain(struct link *link)
{
	while (link->loop && !link->err && link_receive(link) > 0)
		;
}

void link_break(struct link *link, int err)
{
	if (!link->err)
		link->err = err;
	/* The loop reports it, when no caller uses the link. */
	if (link->loop)
		shutdown(link->fd.fd, SHUT_RDWR);
}
