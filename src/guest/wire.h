/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wire - the line to the host: frames that have come, frames to be sent
 *
 * There is one.  Both directions have a buffer; nothing here waits.
 */
#ifndef GUEST_WIRE_H
#define GUEST_WIRE_H

#include <stdbool.h>

#include "frame.h"

/* Room that is kept for answers: each may be sent when there is as much. */
#define WIRE_ANSWER 8192

/* Begin to speak over fd, which must not block. */
void wire_open(int fd);

/* Read what there is.  Returns 0, or -EPIPE when nobody is at the other end. */
int wire_receive(void);

/*
 * The next frame that has come; valid until wire_receive.  Returns 1, 0 if there
 * is none yet, or -EBADMSG for bytes that are none: wire_skip() then.
 */
int wire_next(struct frame *frame, const char **data);

/* Drop all bytes up to the next HELLO, or as many as there are. */
void wire_skip(void);

/* May more be read before wire_next takes some? */
bool wire_has_space(void);

/* How much data the next frame to be sent may have, at where they go. */
size_t wire_room(void);
void *wire_data(void);

/* Send a frame whose data are at wire_data() already. */
void wire_send(u32 stream, u16 type, u16 channel, u32 size);

/* Send a DONE, see text_done(). */
void wire_done(u32 stream, int err, const char *what);

/* Is there something left to be sent? */
bool wire_is_pending(void);

/* Send what the line takes.  Returns 0 or -EPIPE. */
int wire_flush(void);

#endif
