// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stream.h"
#include "text.h"
#include "wire.h"

/* The longest record that /dev/kmsg gives. */
#define KMSG_MAX 8192

/* How much is told of a log that grows for ever when it is to end. */
#define KMSG_LEFT (4 * 1024 * 1024)

/* A terminal has no pipe whose size could be asked. */
#define TTY_MAX 65536

#define CTRL_D 4

static struct stream streams[STREAMS];

/* What waits to be written to its process; not in struct stream, to be apart. */
static char queues[STREAMS][FRAME_WINDOW];

static char *queue_of(const struct stream *stream)
{
	return queues[stream - streams];
}

struct stream *stream_find(u32 id)
{
	unsigned int i;

	for (i = 0; i < STREAMS; i++)
		if (streams[i].id == id)
			return &streams[i];
	return NULL;
}

struct stream *stream_open(u32 id, u16 type)
{
	struct stream *stream = stream_find(0);
	unsigned int i;

	if (!stream)
		return NULL;

	memset(stream, 0, sizeof(*stream));
	stream->id = id;
	stream->type = type;
	for (i = 0; i < STREAM_FDS; i++)
		stream->fd[i] = -1;
	for (i = 0; i < STREAM_CHANNELS; i++)
		stream->credit[i] = FRAME_WINDOW;
	return stream;
}

static void close_fd(struct stream *stream, unsigned int i)
{
	if (stream->fd[i] >= 0)
		close(stream->fd[i]);
	stream->fd[i] = -1;
}

static void close_stream(struct stream *stream)
{
	unsigned int i;

	for (i = 0; i < STREAM_FDS; i++)
		close_fd(stream, i);
	stream->id = 0;
	stream->pid = 0;
}

void stream_signal(const struct stream *stream, int sig)
{
	if (!stream->pid)
		return;
	/* It may not have made its group yet. */
	if (kill(-stream->pid, sig) < 0)
		kill(stream->pid, sig);
}

/* Nobody waits for the process, which may hang in the kernel for ever. */
static void drop(struct stream *stream)
{
	/* A PUT then removes what it has written. */
	stream_signal(stream, stream->type == FRAME_PUT ? SIGTERM : SIGKILL);
	close_stream(stream);
}

void stream_fail(struct stream *stream, int err, const char *what)
{
	wire_done(stream->id, err, what);
	drop(stream);
}

void stream_fail_all(int err, const char *what)
{
	unsigned int i;

	for (i = 0; i < STREAMS; i++)
		if (streams[i].id)
			stream_fail(&streams[i], err, what);
}

void stream_drop_all(void)
{
	unsigned int i;

	for (i = 0; i < STREAMS; i++)
		if (streams[i].id)
			drop(&streams[i]);
}

/* Count bytes of input as passed on; the host hears of it now and then. */
static void pass(struct stream *stream, u32 count)
{
	stream->owed += count;
	if (stream->owed < FRAME_WINDOW / 4)
		return;
	frame_put32(wire_data(), stream->owed);
	wire_send(stream->id, FRAME_CREDIT, STREAM_IN, 4);
	stream->owed = 0;
}

/* Write to the process.  Returns how much of it is done with. */
static u32 feed(struct stream *stream, const char *data, u32 size)
{
	ssize_t n;

	if (stream->fd[STREAM_IN] < 0)
		return size;
	n = write(stream->fd[STREAM_IN], data, size);
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EINTR || errno == ENOMEM)
		return 0;
	/* It does not read any more: what it would not, nobody will. */
	close_fd(stream, STREAM_IN);
	return size;
}

static void enqueue(struct stream *stream, const char *data, u32 size)
{
	u32 end = (stream->start + stream->count) % FRAME_WINDOW;
	u32 first = FRAME_WINDOW - end;

	if (first > size)
		first = size;
	memcpy(queue_of(stream) + end, data, first);
	memcpy(queue_of(stream), data + first, size - first);
	stream->count += size;
}

static void end_input(struct stream *stream)
{
	const char end = CTRL_D;

	if (stream->is_tty && !feed(stream, &end, 1))
		return;
	close_fd(stream, STREAM_IN);
	stream->input_ends = false;
}

static void serve_input(struct stream *stream)
{
	u32 size = FRAME_WINDOW - stream->start;
	u32 n;

	if (size > stream->count)
		size = stream->count;
	n = size ? feed(stream, queue_of(stream) + stream->start, size) : 0;
	stream->start = (stream->start + n) % FRAME_WINDOW;
	stream->count -= n;
	pass(stream, n);

	if (!stream->count && stream->input_ends)
		end_input(stream);
}

void stream_data(struct stream *stream, u16 channel, const char *data, u32 size)
{
	u32 n = 0;

	if (channel != STREAM_IN || stream->input_ends ||
	    stream->owed + stream->count + size > FRAME_WINDOW) {
		stream_fail(stream, -EPROTO, "more input than was allowed");
		return;
	}
	if (!stream->count)
		n = feed(stream, data, size);
	enqueue(stream, data + n, size - n);
	pass(stream, n);
}

/* It ends as if behind a process that has: with what there is. */
static void end_kmsg(struct stream *stream)
{
	stream->ended = true;
	stream->left[STREAM_OUT] = KMSG_LEFT;
}

void stream_end(struct stream *stream, u16 channel)
{
	if (channel != STREAM_IN) {
		stream_fail(stream, -EPROTO, "an end of what it does not send");
		return;
	}
	if (stream->type == FRAME_KMSG) {
		end_kmsg(stream);
		return;
	}
	stream->input_ends = true;
	if (!stream->count)
		end_input(stream);
}

void stream_credit(struct stream *stream, u16 channel, u32 count)
{
	if (channel == STREAM_IN || count > FRAME_WINDOW - stream->credit[channel]) {
		stream_fail(stream, -EPROTO, "more credit than was sent");
		return;
	}
	stream->credit[channel] += count;
}

/*
 * How much to read after a process has ended: all that can have been there then,
 * and one more byte to see the end.
 */
static u32 capacity(const struct stream *stream, unsigned int channel)
{
	int size = fcntl(stream->fd[channel], F_GETPIPE_SZ);

	return (size > 0 ? size : TTY_MAX) + 1;
}

void stream_reaped(pid_t pid, int status)
{
	struct stream *stream;
	unsigned int i;

	for (stream = streams; stream < streams + STREAMS; stream++) {
		if (!stream->id || stream->pid != pid)
			continue;
		stream->pid = 0;
		stream->ended = true;
		stream->status = status;
		for (i = STREAM_OUT; i < STREAM_CHANNELS; i++)
			if (stream->fd[i] >= 0)
				stream->left[i] = capacity(stream, i);
		return;
	}
}

/* Take what the process has reported; frames are written in one piece. */
static void serve_report(struct stream *stream)
{
	char bytes[4096];
	struct frame frame;
	ssize_t n, at;

	n = read(stream->fd[STREAM_REPORT], bytes, sizeof(bytes));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		close_fd(stream, STREAM_REPORT);

	for (at = 0; at < n; at += FRAME_HEAD + frame.size) {
		if (frame_read(&frame, bytes + at, n - at) <= 0)
			return;
		if (frame.type == FRAME_STAT) {
			memcpy(wire_data(), bytes + at + FRAME_HEAD, frame.size);
			wire_send(stream->id, FRAME_STAT, 0, frame.size);
		} else if (frame.size <= sizeof(stream->done)) {
			memcpy(stream->done, bytes + at + FRAME_HEAD, frame.size);
			stream->done_size = frame.size;
		}
	}
}

/* How much to read next: of kmsg only whole records can be. */
static size_t output_size(const struct stream *stream, unsigned int channel)
{
	size_t room = wire_room();
	u32 size = FRAME_MAX;

	room = room > 2 * WIRE_ANSWER ? room - WIRE_ANSWER : 0;
	if (size > room)
		size = room;
	if (size > stream->credit[channel])
		size = stream->credit[channel];
	if (stream->ended && size > stream->left[channel])
		size = stream->left[channel];
	if (stream->type == FRAME_KMSG && size < KMSG_MAX)
		size = 0;
	return size;
}

/* All that was its own has been sent. */
static void end_output(struct stream *stream, unsigned int channel)
{
	close_fd(stream, channel);
	wire_send(stream->id, FRAME_END, channel, 0);
}

/* Returns true if it has read something, or there was something to read. */
static bool serve_output_once(struct stream *stream, unsigned int channel)
{
	size_t size = output_size(stream, channel);
	ssize_t n;

	if (stream->ended && !stream->left[channel])
		close_fd(stream, channel);
	if (!size || stream->fd[channel] < 0)
		return false;

	/* Not splice(): the port's in Linux 6.12 may crash the kernel. */
	n = read(stream->fd[channel], wire_data(), size);
	if (n > 0) {
		wire_send(stream->id, FRAME_DATA, channel, n);
		stream->credit[channel] -= n;
		if (stream->ended)
			stream->left[channel] -= n;
	} else if (!n || (errno != EAGAIN && errno != EINTR && errno != EPIPE)) {
		end_output(stream, channel);
	} else if (stream->ended && errno == EAGAIN) {
		stream->left[channel] = 0;
		close_fd(stream, channel);
	}
	return n > 0 || (n < 0 && errno == EPIPE);
}

static void serve_output(struct stream *stream, unsigned int channel)
{
	/* A read gives one record, and poll() does not tell of the end. */
	while (serve_output_once(stream, channel) &&
	       stream->type == FRAME_KMSG)
		;
}

/* Its process has ended and all was sent. */
static void finish(struct stream *stream)
{
	char *data = wire_data();
	bool killed = WIFSIGNALED(stream->status);
	u32 which = killed ? WTERMSIG(stream->status) : WEXITSTATUS(stream->status);

	if (stream->done_size) {
		memcpy(data, stream->done, stream->done_size);
		wire_send(stream->id, FRAME_DONE, 0, stream->done_size);
	} else if (stream->type == FRAME_RUN) {
		frame_put32(frame_put32(data, killed), which);
		wire_send(stream->id, FRAME_EXIT, 0, 8);
	} else if (killed) {
		wire_done(stream->id, -EIO, "the process that did it was killed");
	} else {
		wire_done(stream->id, 0, "");
	}
	close_stream(stream);
}

static void serve(struct stream *stream, const struct pollfd *polls)
{
	unsigned int i;

	/* Before the data: a STAT is. */
	if (stream->fd[STREAM_REPORT] >= 0)
		serve_report(stream);
	if (polls[STREAM_IN].revents)
		serve_input(stream);
	for (i = STREAM_OUT; i < STREAM_CHANNELS; i++)
		if (stream->fd[i] >= 0 && (polls[i].revents || stream->ended))
			serve_output(stream, i);

	if (stream->ended && stream->fd[STREAM_OUT] < 0 &&
	    stream->fd[STREAM_ERR] < 0)
		finish(stream);
}

void stream_serve(const struct pollfd *polls)
{
	static unsigned int first;
	unsigned int i, at;

	/* Each is the first in turn: with all others there may be no room left. */
	first++;
	for (i = 0; i < STREAMS && wire_room() > WIRE_ANSWER; i++) {
		at = (first + i) % STREAMS;
		if (streams[at].id)
			serve(&streams[at], polls + at * STREAM_FDS);
	}
}

static bool wants(const struct stream *stream, unsigned int i)
{
	if (stream->fd[i] < 0)
		return false;
	switch (i) {
	case STREAM_IN:
		return stream->count || stream->input_ends;
	case STREAM_REPORT:
		return true;
	default:
		return output_size(stream, i) > 0;
	}
}

void stream_poll(struct pollfd *polls)
{
	const struct stream *stream;
	unsigned int i;

	for (stream = streams; stream < streams + STREAMS; stream++) {
		for (i = 0; i < STREAM_FDS; i++, polls++) {
			polls->fd = stream->id && wants(stream, i) ?
				    stream->fd[i] : -1;
			polls->events = i == STREAM_IN ? POLLOUT : POLLIN;
			polls->revents = 0;
		}
	}
}
