/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * queue - bytes on their way: what was read and not used, or not written yet
 *
 * Begin with `struct queue queue = {}`.
 */
#ifndef LIB_QUEUE_H
#define LIB_QUEUE_H

#include <stddef.h>
#include <sys/types.h>

struct queue {
	char *bytes;
	size_t begin; /* of what is in it */
	size_t end;
	size_t room; /* all of bytes */
};

void queue_fini(struct queue *queue);

/* How many bytes are in it, and where. */
size_t queue_count(const struct queue *queue);
const char *queue_first(const struct queue *queue);

/* Append a copy of the bytes.  Returns 0 or -ENOMEM. */
int queue_add(struct queue *queue, const void *bytes, size_t count);

/* Take the first bytes away. */
void queue_drop(struct queue *queue, size_t count);

/*
 * Read what fd has, at most `most` bytes.  Returns how many, 0 at its end, or
 * -errno; -EAGAIN when there was nothing to read now.
 */
ssize_t queue_read(struct queue *queue, int fd, size_t most);

/*
 * Write to fd what it takes at once, at most `most` bytes, and drop that.
 * Returns how many or -errno.
 */
ssize_t queue_write(struct queue *queue, int fd, size_t most);

#endif
