/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * link - frames over a connected socket
 *
 * The other side is not trusted.  A link never waits: it keeps frames that cannot
 * be sent at once.  It breaks if the other side lets too many bytes pile up.
 */
#ifndef VM_LINK_H
#define VM_LINK_H

#include <stdbool.h>

#include "lib/frame.h"
#include "lib/loop.h"
#include "lib/queue.h"

struct link {
	/*
	 * A frame has come; its data are valid until the callback returns.  Neither
	 * this nor lost() may close the link, but both may break it.
	 */
	void (*frame)(struct link *link, const struct frame *frame,
		      const char *data);
	/* Bytes came that are no frame; the link skips to the next HELLO. */
	void (*lost)(struct link *link);
	/* All kept frames have been sent.  May be NULL. */
	void (*drained)(struct link *link);
	/* The link has ended, with 0 or -errno, and must be closed now. */
	void (*over)(struct link *link, int err);

	struct loop *loop;
	struct loop_fd fd;
	struct queue in;
	struct queue out;
	bool is_skipping; /* until a HELLO */
	int err; /* why it breaks */
};

/* Start, with the callbacks set; the link then owns fd. */
int link_open(struct link *link, struct loop *loop, int fd);
void link_close(struct link *link);

/* Send a frame.  Returns 0, or -errno if the link is broken. */
int link_send(struct link *link, const struct frame *frame, const void *data);

/* Send a HELLO on stream 0, with `ns` unless that is 0. */
int link_hello(struct link *link, u64 ns);

/* The number of bytes that could not be sent yet. */
size_t link_waiting(const struct link *link);

/* The other side has ended: read all that it has sent. */
void link_drain(struct link *link);

/* End the link: over() is called soon, with this error. */
void link_break(struct link *link, int err);

#endif
