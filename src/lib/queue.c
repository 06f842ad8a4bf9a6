// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/queue.h"
#include "lib/xmalloc.h"

void queue_fini(struct queue *queue)
{
	free(queue->bytes);
	memset(queue, 0, sizeof(*queue));
}

size_t queue_count(const struct queue *queue)
{
	return queue->end - queue->begin;
}

const char *queue_first(const struct queue *queue)
{
	return queue->bytes + queue->begin;
}

/* Make room behind the end. */
static void queue_reserve(struct queue *queue, size_t count)
{
	size_t used = queue_count(queue);
	size_t room = queue->room ? queue->room : 4096;

	if (queue->room - queue->end >= count)
		return;
	if (queue->begin >= used && queue->room - used >= count) {
		memcpy(queue->bytes, queue_first(queue), used);
		queue->begin = 0;
		queue->end = used;
		return;
	}
	while (room - queue->end < count)
		room *= 2;
	queue->bytes = xreallocarray(queue->bytes, room, 1);
	queue->room = room;
}

void queue_add(struct queue *queue, const void *bytes, size_t count)
{
	if (!count)
		return;
	queue_reserve(queue, count);
	memcpy(queue->bytes + queue->end, bytes, count);
	queue->end += count;
}

void queue_drop(struct queue *queue, size_t count)
{
	queue->begin += count;
	if (queue->begin == queue->end) {
		queue->begin = 0;
		queue->end = 0;
	}
}

ssize_t queue_read(struct queue *queue, int fd, size_t most)
{
	ssize_t n;

	queue_reserve(queue, most);
	n = fd_read(fd, queue->bytes + queue->end, most);
	if (n > 0)
		queue->end += n;
	return n;
}

/* A socket whose peer is gone gives EPIPE and no SIGPIPE. */
static ssize_t queue_write_quietly(int fd, const void *bytes, size_t count)
{
	ssize_t n;

	do {
		n = send(fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == ENOTSOCK)
			n = write(fd, bytes, count);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

ssize_t queue_write(struct queue *queue, int fd, size_t most)
{
	size_t count = queue_count(queue);
	ssize_t n;

	if (!count)
		return 0;
	n = queue_write_quietly(fd, queue_first(queue),
				count < most ? count : most);
	if (n > 0)
		queue_drop(queue, n);
	return n;
}
