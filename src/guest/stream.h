/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stream - the host's requests that are not done yet
 *
 * Most streams have a process, which does work that may take long or go wrong, and
 * pipes to it.
 */
#ifndef GUEST_STREAM_H
#define GUEST_STREAM_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

#include "lib/frame.h"

#define STREAMS 32

/* Our ends of the pipes; the first three are the channels of the frames. */
enum {
	STREAM_IN,
	STREAM_OUT,
	STREAM_ERR,
	STREAM_REPORT, /* whole STAT and DONE frames, from the process */
	STREAM_FDS,
};

#define STREAM_CHANNELS STREAM_REPORT

struct stream {
	u32 id; /* the host's number for it; 0: not in use */
	u16 type; /* of the frame that opened it */
	pid_t pid; /* its process; 0: there is none, or it was reaped */
	bool ended; /* the process has ended, with status */
	int status;
	int fd[STREAM_FDS]; /* -1: none, or closed */
	u32 credit[STREAM_CHANNELS]; /* bytes that we may still send */
	u32 left[STREAM_CHANNELS]; /* once ended: bytes to read at most */
	bool is_tty;

	bool input_ends; /* after the bytes in the queue */
	u32 owed; /* bytes of input passed on, but not credited yet */
	u32 start; /* of the input in its queue, a ring */
	u32 count;

	u32 done_size; /* of the DONE it has reported; 0: none */
	char done[1024];
};

#define STREAM_POLLS (STREAMS * STREAM_FDS)

/* The stream with this number, or NULL. */
struct stream *stream_find(u32 id);

/* Open a stream without process or pipes; NULL if there are too many. */
struct stream *stream_open(u32 id, u16 type);

/* End the stream with DONE, and its process. */
void stream_fail(struct stream *stream, int err, const char *what);

/* End all streams, with a DONE or without. */
void stream_fail_all(int err, const char *what);
void stream_drop_all(void);

/* Take input, its end, or credit.  A breach of the protocol ends the stream. */
void stream_data(struct stream *stream, u16 channel, const char *data, u32 size);
void stream_end(struct stream *stream, u16 channel);
void stream_credit(struct stream *stream, u16 channel, u32 count);

/* Signal its process and the rest of its process group. */
void stream_signal(const struct stream *stream, int sig);

/* A child has been reaped; it may be a stream's process. */
void stream_reaped(pid_t pid, int status);

/* Fill in the events to poll for, and handle the result. */
void stream_poll(struct pollfd *polls);
void stream_serve(const struct pollfd *polls);

#endif
