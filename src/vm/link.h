/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * link - frames over a connected socket
 *
 * What the other side sends is not trusted.  A link never waits: what cannot be
 * sent at once is kept, up to a limit; who lets more pile up has lost the link.
 */
#ifndef VM_LINK_H
#define VM_LINK_H

#include <stdbool.h>

#include "frame.h"
#include "loop.h"
#include "queue.h"

struct link {
	/*
	 * A frame has come, its data valid until the return.  Neither of these
	 * two may close the link; the first may break it.
	 */
	void (*frame)(struct link *link, const struct frame *frame,
		      const char *data);
	/* What came was no frame, and all is skipped until a HELLO. */
	void (*lost)(struct link *link);
	/* What was kept has been sent.  May be NULL. */
	void (*drained)(struct link *link);
	/* It is over, with 0 for an end or -errno; to be closed now. */
	void (*over)(struct link *link, int err);

	struct loop *loop;
	struct loop_fd fd;
	struct queue in;
	struct queue out;
	bool is_skipping; /* until a HELLO */
	int err; /* why it shall break */
};

/* Begin, with the callbacks set; fd then belongs to the link. */
int link_open(struct link *link, struct loop *loop, int fd);
void link_close(struct link *link);

/* Send a frame.  Returns 0 or -errno; the link is broken then. */
int link_send(struct link *link, const struct frame *frame, const void *data);

/* Send HELLO on stream 0, with `ns` unless that is 0. */
int link_hello(struct link *link, u64 ns);

/* How many bytes are kept because they could not be sent yet. */
size_t link_waiting(const struct link *link);

/* Read what has come until nothing is left: the other side has ended. */
void link_drain(struct link *link);

/* Have over() called soon, with this error. */
void link_break(struct link *link, int err);

#endif
