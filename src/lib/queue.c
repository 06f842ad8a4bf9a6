// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "queue.h"

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
static int reserve(struct queue *queue, size_t count)
{
	size_t used = queue_count(queue);
	size_t room = queue->room ? queue->room : 4096;
	char *more;

	if (queue->room - queue->end >= count)
		return 0;
	if (queue->begin >= used && queue->room - used >= count) {
		memcpy(queue->bytes, queue_first(queue), used);
		queue->begin = 0;
		queue->end = used;
		return 0;
	}
	while (room - queue->end < count)
		room *= 2;
	more = realloc(queue->bytes, room);
	if (!more)
		return -ENOMEM;
	queue->bytes = more;
	queue->room = room;
	return 0;
}

int queue_add(struct queue *queue, const void *bytes, size_t count)
{
	if (!count)
		return 0;
	if (reserve(queue, count) < 0)
		return -ENOMEM;
	memcpy(queue->bytes + queue->end, bytes, count);
	queue->end += count;
	return 0;
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

	if (reserve(queue, most) < 0)
		return -ENOMEM;
	do {
		n = read(fd, queue->bytes + queue->end, most);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	queue->end += n;
	return n;
}

/* SIGPIPE is for those who do not look at what write() returns. */
static ssize_t write_quietly(int fd, const void *bytes, size_t count)
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
	n = write_quietly(fd, queue_first(queue), count < most ? count : most);
	if (n > 0)
		queue_drop(queue, n);
	return n;
}
