/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stream - what the host has asked for and is not done yet
 *
 * Behind most streams there is a process of ours, which does what may take long
 * or go wrong, and pipes to it.
 */
#ifndef GUEST_STREAM_H
#define GUEST_STREAM_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

#include "frame.h"

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
	bool ended; /* the process has, with status */
	int status;
	int fd[STREAM_FDS]; /* -1: none, or closed */
	u32 credit[STREAM_CHANNELS]; /* what we may still send */
	u32 left[STREAM_CHANNELS]; /* of that, when ended: what may be its own */
	bool is_tty;

	bool input_ends; /* after what is in the queue */
	u32 owed; /* input that was passed on, but not credited yet */
	u32 start; /* of the queue of input, which is a ring */
	u32 count;

	u32 done_size; /* of the data of its DONE, if it has reported one */
	char done[1024];
};

#define STREAM_POLLS (STREAMS * STREAM_FDS)

/* The stream of this number, or NULL. */
struct stream *stream_find(u32 id);

/* Begin a stream without process or pipes; NULL when there are too many. */
struct stream *stream_open(u32 id, u16 type);

/* End it with DONE; its process is ended, too. */
void stream_fail(struct stream *stream, int err, const char *what);

/* End all of them, with a DONE or without a word. */
void stream_fail_all(int err, const char *what);
void stream_drop_all(void);

/* What came on it: input, its end, credit.  What breaks the rules ends it. */
void stream_data(struct stream *stream, u16 channel, const char *data, u32 size);
void stream_end(struct stream *stream, u16 channel);
void stream_credit(struct stream *stream, u16 channel, u32 count);

/* Signal its process and all that have stayed in its group. */
void stream_signal(const struct stream *stream, int sig);

/* A process of ours, perhaps one of a stream, has ended. */
void stream_reaped(pid_t pid, int status);

/* Fill in what to poll for, and act on what came out. */
void stream_poll(struct pollfd *polls);
void stream_serve(const struct pollfd *polls);

#endif
