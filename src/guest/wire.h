/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wire - the line to the host, with a buffer for each direction
 *
 * There is one line.  No function here waits.
 */
#ifndef GUEST_WIRE_H
#define GUEST_WIRE_H

#include <stdbool.h>

#include "lib/frame.h"

/* Room that is kept free for an answer. */
#define WIRE_ANSWER 8192

/* Use fd, which must be non-blocking. */
void wire_open(int fd);

/* Read all that has come.  Returns 0, or -EPIPE if the other end is closed. */
int wire_receive(void);

/*
 * Take the next frame, which is valid until wire_receive().  Returns 1; 0 if none is
 * complete; or -EBADMSG if the bytes are no frame: call wire_skip() then.
 */
int wire_next(struct frame *frame, const char **data);

/* Drop all bytes before the next HELLO. */
void wire_skip(void);

/* Is there room to read more? */
bool wire_has_space(void);

/* How much data the next frame may have, and where to write them. */
size_t wire_room(void);
void *wire_data(void);

/* Send a frame whose data have been written to wire_data(). */
void wire_send(u32 stream, u16 type, u16 channel, u32 size);

/* Send a DONE, see text_done(). */
void wire_done(u32 stream, int err, const char *what);

/* Is there anything left to send? */
bool wire_is_pending(void);

/* Send as much as the line takes.  Returns 0 or -EPIPE. */
int wire_flush(void);

#endif
