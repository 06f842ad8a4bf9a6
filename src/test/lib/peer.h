/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * peer - the host's end of the agent's line, for tests
 *
 * Keeps the data of each stream, and returns credit for it unless told not to.  A
 * line that breaks, or a frame that is not valid, ends the program.
 */
#ifndef TEST_PEER_H
#define TEST_PEER_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/frame.h"

#define PEER_STREAMS 256
#define PEER_BUFFER (1024 * 1024)

/* The frames of a stream. */
struct peer_stream {
	char *bytes[3];
	size_t size[3];
	bool ended[3];
	u32 room; /* input that may be sent */
	u32 owed[3]; /* credit for what came */
	bool is_stuck; /* nobody reads it: no credit */
	bool is_counted; /* the bytes are counted, not kept */
	bool has_stat;
	u32 mode;
	u64 stat_size;
	u16 over; /* DONE or EXIT, when it is */
	int err; /* of DONE */
	char *reason;
	u32 killed; /* of EXIT */
	u32 which;
};

struct peer {
	int fd;
	bool is_synced; /* since the first HELLO */
	unsigned int hellos;
	u64 boot_ns;
	size_t count;
	char bytes[PEER_BUFFER];
	struct peer_stream streams[PEER_STREAMS];
};

static inline void peer_die(const char *why)
{
	printf("Bail out! %s: %s\n", why, strerror(errno));
	fflush(stdout);
	_exit(1);
}

static inline void peer_init(struct peer *peer, int fd)
{
	memset(peer, 0, sizeof(*peer));
	peer->fd = fd;
	fcntl(fd, F_SETFL, O_NONBLOCK);
}

static inline void peer_keep(struct peer *peer, u32 id, u16 channel,
			     const char *data, u32 size)
{
	struct peer_stream *s = &peer->streams[id];

	if (!s->is_counted) {
		s->bytes[channel] = realloc(s->bytes[channel],
					    s->size[channel] + size + 1);
		if (!s->bytes[channel])
			peer_die("no memory");
		memcpy(s->bytes[channel] + s->size[channel], data, size);
		s->bytes[channel][s->size[channel] + size] = '\0';
	}
	s->size[channel] += size;
	s->owed[channel] += size;
}

static inline void peer_take(struct peer *peer, const struct frame *frame,
			     const char *data)
{
	struct peer_stream *s = &peer->streams[frame->stream % PEER_STREAMS];

	switch (frame->type) {
	case FRAME_HELLO:
		peer->hellos++;
		peer->boot_ns = frame_get64(data + 4);
		break;
	case FRAME_DATA:
		peer_keep(peer, frame->stream, frame->channel, data, frame->size);
		break;
	case FRAME_END:
		s->ended[frame->channel] = true;
		break;
	case FRAME_CREDIT:
		s->room += frame_get32(data);
		break;
	case FRAME_STAT:
		s->has_stat = true;
		s->mode = frame_get32(data);
		s->stat_size = frame_get64(data + 4);
		break;
	case FRAME_DONE:
		s->err = frame_get32(data);
		s->reason = strndup(data + 4, frame->size - 4);
		s->over = frame->type;
		break;
	case FRAME_EXIT:
		s->killed = frame_get32(data);
		s->which = frame_get32(data + 4);
		s->over = frame->type;
		break;
	default:
		errno = EBADMSG;
		peer_die("a frame that is not for the host");
	}
}

static inline void peer_take_all(struct peer *peer)
{
	struct frame frame;
	size_t at = 0;
	int ret;

	if (!peer->is_synced)
		at = frame_skip(peer->bytes, peer->count);
	while ((ret = frame_read(&frame, peer->bytes + at, peer->count - at)) > 0) {
		peer_take(peer, &frame, peer->bytes + at + FRAME_HEAD);
		at += FRAME_HEAD + frame.size;
		peer->is_synced = true;
	}
	if (ret < 0) {
		errno = -ret;
		peer_die("no frame");
	}
	memmove(peer->bytes, peer->bytes + at, peer->count - at);
	peer->count -= at;
}

/* Read what has come.  Returns false when the line is closed. */
static inline bool peer_read(struct peer *peer)
{
	ssize_t n;

	n = read(peer->fd, peer->bytes + peer->count, PEER_BUFFER - peer->count);
	if (n <= 0)
		return false;
	peer->count += n;
	peer_take_all(peer);
	return true;
}

static inline void peer_write(struct peer *peer, const char *bytes, size_t size)
{
	struct pollfd line = { .fd = peer->fd, .events = POLLIN | POLLOUT };
	ssize_t n;

	while (size) {
		n = write(peer->fd, bytes, size);
		if (n > 0) {
			bytes += n;
			size -= n;
		} else if (errno != EAGAIN || poll(&line, 1, 20000) <= 0) {
			peer_die("cannot write to the agent");
		} else if (line.revents & POLLIN) {
			peer_read(peer);
		}
	}
}

static inline void peer_send(struct peer *peer, u32 stream, u16 type,
			     u16 channel, const void *data, size_t size)
{
	const struct frame frame = { size, stream, type, channel };
	char *bytes = malloc(FRAME_HEAD + size);

	if (!bytes)
		peer_die("no memory");
	frame_write(bytes, &frame);
	if (size)
		memcpy(bytes + FRAME_HEAD, data, size);
	peer_write(peer, bytes, FRAME_HEAD + size);
	free(bytes);
}

/* Send the credit that is owed. */
static inline void peer_pay(struct peer *peer)
{
	struct peer_stream *s;
	char credit[4];
	u16 channel;

	for (s = peer->streams; s < peer->streams + PEER_STREAMS; s++) {
		for (channel = 1; channel < 3; channel++) {
			if (!s->owed[channel] || s->is_stuck)
				continue;
			frame_put32(credit, s->owed[channel]);
			s->owed[channel] = 0;
			peer_send(peer, s - peer->streams, FRAME_CREDIT,
				  channel, credit, 4);
		}
	}
}

/*
 * Wait for so many ms until something comes.  Returns false when nothing does, or
 * the line is closed.
 */
static inline bool peer_step(struct peer *peer, int ms)
{
	struct pollfd line = { .fd = peer->fd, .events = POLLIN };

	peer_pay(peer);
	return poll(&line, 1, ms) > 0 && peer_read(peer);
}

/* Forget what a stream was, so that its number can be used again. */
static inline struct peer_stream *peer_open(struct peer *peer, u32 stream)
{
	struct peer_stream *s = &peer->streams[stream];
	int i;

	for (i = 0; i < 3; i++)
		free(s->bytes[i]);
	free(s->reason);
	memset(s, 0, sizeof(*s));
	s->room = FRAME_WINDOW;
	return s;
}

/* Send a frame that opens a stream, of a number, if it has one, and a text. */
static inline struct peer_stream *peer_ask(struct peer *peer, u32 stream,
					   u16 type, long number,
					   const char *text)
{
	struct peer_stream *s = peer_open(peer, stream);
	size_t head = number >= 0 ? 4 : 0;
	char bytes[8192];

	frame_put32(bytes, number);
	snprintf(bytes + head, sizeof(bytes) - head, "%s", text);
	peer_send(peer, stream, type, 0, bytes, head + strlen(text));
	return s;
}

/* The same for a command; argv and env end with NULL, env may be NULL. */
static inline struct peer_stream *peer_run(struct peer *peer, u32 stream,
					   struct frame_run run,
					   const char *const *argv,
					   const char *const *env)
{
	struct peer_stream *s = peer_open(peer, stream);
	char data[FRAME_MAX];
	char *at = data + FRAME_RUN_HEAD;

	at = stpcpy(at, run.cwd ? run.cwd : "") + 1;
	for (; argv && *argv; argv++, run.argc++)
		at = stpcpy(at, *argv) + 1;
	for (; env && *env; env++, run.envc++)
		at = stpcpy(at, *env) + 1;
	frame_write_run(data, &run);
	peer_send(peer, stream, FRAME_RUN, 0, data, at - data);
	return s;
}

/* A line for the shell. */
static inline struct peer_stream *peer_shell(struct peer *peer, u32 stream,
					     const char *line)
{
	const char *const argv[] = { "/bin/sh", "-c", line, NULL };

	return peer_run(peer, stream, (struct frame_run){}, argv, NULL);
}

/* Send input as far as the agent takes it, waiting for credit. */
static inline void peer_input(struct peer *peer, u32 stream, const char *data,
			      size_t size)
{
	struct peer_stream *s = &peer->streams[stream];
	size_t n;

	while (size && !s->over) {
		n = size < s->room ? size : s->room;
		if (n > FRAME_MAX)
			n = FRAME_MAX;
		if (!n) {
			if (!peer_step(peer, 20000))
				return;
			continue;
		}
		peer_send(peer, stream, FRAME_DATA, 0, data, n);
		s->room -= n;
		data += n;
		size -= n;
	}
}

static inline void peer_end(struct peer *peer, u32 stream)
{
	peer_send(peer, stream, FRAME_END, 0, NULL, 0);
}

/* Wait for the end of a stream.  Returns false when it does not come. */
static inline bool peer_wait(struct peer *peer, u32 stream, int ms)
{
	long long end = clock_ms() + ms;

	while (!peer->streams[stream].over)
		if (clock_ms() > end || !peer_step(peer, ms))
			return false;
	return true;
}

/* Wait until so many bytes have come on a channel. */
static inline bool peer_await(struct peer *peer, u32 stream, u16 channel,
			      size_t size, int ms)
{
	long long end = clock_ms() + ms;

	while (peer->streams[stream].size[channel] < size)
		if (clock_ms() > end || !peer_step(peer, ms))
			return false;
	return true;
}

/* Greet, and wait for the answer. */
static inline bool peer_greet(struct peer *peer, int ms)
{
	unsigned int hellos = peer->hellos;
	char version[4];

	frame_put32(version, FRAME_VERSION);
	peer_send(peer, 0, FRAME_HELLO, 0, version, sizeof(version));
	while (peer->hellos == hellos)
		if (!peer_step(peer, ms))
			return false;
	return true;
}

#endif
