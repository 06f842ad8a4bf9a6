/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * queue - a buffer of bytes that were read and not used, or not written yet
 *
 * Begin with `struct queue queue = {}`.
 */
#ifndef LIB_QUEUE_H
#define LIB_QUEUE_H

#include <stddef.h>
#include <sys/types.h>

struct queue {
	char *bytes;
	size_t begin; /* of the bytes in the queue */
	size_t end;
	size_t room; /* that bytes has in all */
};

void queue_fini(struct queue *queue);

/* The number of bytes in the queue, and their address. */
size_t queue_count(const struct queue *queue);
const char *queue_first(const struct queue *queue);

/* Append a copy of the bytes. */
void queue_add(struct queue *queue, const void *bytes, size_t count);

/* Remove the first `count` bytes. */
void queue_drop(struct queue *queue, size_t count);

/*
 * Read at most `most` bytes from fd.  Returns the number of bytes, 0 at the end of
 * file, or -errno: -EAGAIN if there is nothing to read now.
 */
ssize_t queue_read(struct queue *queue, int fd, size_t most);

/*
 * Write at most `most` bytes to fd without blocking, and remove them from the
 * queue.  Returns the number of bytes or -errno.
 */
ssize_t queue_write(struct queue *queue, int fd, size_t most);

#endif
