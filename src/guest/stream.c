// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/stream.h"
#include "guest/text.h"
#include "guest/wire.h"

/* The longest record of /dev/kmsg. */
#define KMSG_MAX 8192

/* At the end of a KMSG, so much is read at most: the log may grow for ever. */
#define KMSG_LEFT (4 * 1024 * 1024)

/* For terminals, which have no pipe size. */
#define TTY_MAX 65536

#define CTRL_D 4

static struct stream streams[STREAMS];

/* Input that waits to be written to each stream's process. */
static char queues[STREAMS][FRAME_WINDOW];

static char *stream_queue(const struct stream *stream)
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

static void stream_close_fd(struct stream *stream, unsigned int i)
{
	if (stream->fd[i] >= 0)
		close(stream->fd[i]);
	stream->fd[i] = -1;
}

static void stream_close(struct stream *stream)
{
	unsigned int i;

	for (i = 0; i < STREAM_FDS; i++)
		stream_close_fd(stream, i);
	stream->id = 0;
	stream->pid = 0;
}

void stream_signal(const struct stream *stream, int sig)
{
	if (!stream->pid)
		return;
	/* The process may not have created its group yet. */
	if (kill(-stream->pid, sig) < 0)
		kill(stream->pid, sig);
}

/* Does not wait for the process, which may hang in the kernel. */
static void stream_drop(struct stream *stream)
{
	/* On SIGTERM a PUT removes its temporary file. */
	stream_signal(stream, stream->type == FRAME_PUT ? SIGTERM : SIGKILL);
	stream_close(stream);
}

void stream_fail(struct stream *stream, int err, const char *what)
{
	wire_done(stream->id, err, what);
	stream_drop(stream);
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
			stream_drop(&streams[i]);
}

/* Count bytes of input as passed on; credit is returned in steps. */
static void stream_pass_on(struct stream *stream, u32 count)
{
	stream->owed += count;
	if (stream->owed < FRAME_WINDOW / 4)
		return;
	frame_put32(wire_data(), stream->owed);
	wire_send(stream->id, FRAME_CREDIT, STREAM_IN, 4);
	stream->owed = 0;
}

/* Write to the process.  Returns how many bytes were written or can be dropped. */
static u32 stream_feed(struct stream *stream, const char *data, u32 size)
{
	ssize_t n;

	if (stream->fd[STREAM_IN] < 0)
		return size;
	n = write(stream->fd[STREAM_IN], data, size);
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EINTR || errno == ENOMEM)
		return 0;
	/* The process has closed its input: drop the rest. */
	stream_close_fd(stream, STREAM_IN);
	return size;
}

static void stream_enqueue(struct stream *stream, const char *data, u32 size)
{
	u32 end = (stream->start + stream->count) % FRAME_WINDOW;
	u32 first = FRAME_WINDOW - end;

	if (first > size)
		first = size;
	memcpy(stream_queue(stream) + end, data, first);
	memcpy(stream_queue(stream), data + first, size - first);
	stream->count += size;
}

static void stream_end_input(struct stream *stream)
{
	const char end = CTRL_D;

	if (stream->is_tty && !stream_feed(stream, &end, 1))
		return;
	stream_close_fd(stream, STREAM_IN);
	stream->input_ends = false;
}

static void stream_serve_input(struct stream *stream)
{
	u32 size = FRAME_WINDOW - stream->start;
	u32 n;

	if (size > stream->count)
		size = stream->count;
	n = size ? stream_feed(stream, stream_queue(stream) + stream->start,
			       size) :
		   0;
	stream->start = (stream->start + n) % FRAME_WINDOW;
	stream->count -= n;
	stream_pass_on(stream, n);

	if (!stream->count && stream->input_ends)
		stream_end_input(stream);
}

void stream_data(struct stream *stream, u16 channel, const char *data, u32 size)
{
	u32 n = 0;

	if (channel != STREAM_IN || stream->input_ends ||
	    stream->owed + stream->count + size > FRAME_WINDOW) {
		stream_fail(stream, -EPROTO,
			    "more input than the window allows");
		return;
	}
	if (!stream->count)
		n = stream_feed(stream, data, size);
	stream_enqueue(stream, data + n, size - n);
	stream_pass_on(stream, n);
}

/* As when a process has ended: send what is there, then end. */
static void stream_end_kmsg(struct stream *stream)
{
	stream->ended = true;
	stream->left[STREAM_OUT] = KMSG_LEFT;
}

void stream_end(struct stream *stream, u16 channel)
{
	if (channel != STREAM_IN) {
		stream_fail(stream, -EPROTO,
			    "END of a channel that is not input");
		return;
	}
	if (stream->type == FRAME_KMSG) {
		stream_end_kmsg(stream);
		return;
	}
	stream->input_ends = true;
	if (!stream->count)
		stream_end_input(stream);
}

void stream_credit(struct stream *stream, u16 channel, u32 count)
{
	if (channel == STREAM_IN || count > FRAME_WINDOW - stream->credit[channel]) {
		stream_fail(stream, -EPROTO, "more credit than was used");
		return;
	}
	stream->credit[channel] += count;
}

/*
 * How much to read after the process has ended: all that can be in the pipe, and one
 * byte more to see the end.
 */
static u32 stream_capacity(const struct stream *stream, unsigned int channel)
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
				stream->left[i] = stream_capacity(stream, i);
		return;
	}
}

/* Read the process's reports; each frame is written in one piece. */
static void stream_serve_report(struct stream *stream)
{
	char bytes[4096];
	struct frame frame;
	ssize_t n, at;

	n = read(stream->fd[STREAM_REPORT], bytes, sizeof(bytes));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		stream_close_fd(stream, STREAM_REPORT);

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

/* How much to read next; /dev/kmsg gives only whole records. */
static size_t stream_output_size(const struct stream *stream,
				 unsigned int channel)
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

/* All output of this channel has been sent. */
static void stream_end_output(struct stream *stream, unsigned int channel)
{
	stream_close_fd(stream, channel);
	wire_send(stream->id, FRAME_END, channel, 0);
}

/* Returns true if something was read, or lost by /dev/kmsg. */
static bool stream_serve_output_once(struct stream *stream,
				     unsigned int channel)
{
	size_t size = stream_output_size(stream, channel);
	ssize_t n;

	if (stream->ended && !stream->left[channel])
		stream_close_fd(stream, channel);
	if (!size || stream->fd[channel] < 0)
		return false;

	/* No splice(): on virtio ports it may crash Linux 6.12. */
	n = read(stream->fd[channel], wire_data(), size);
	if (n > 0) {
		wire_send(stream->id, FRAME_DATA, channel, n);
		stream->credit[channel] -= n;
		if (stream->ended)
			stream->left[channel] -= n;
	} else if (!n || (errno != EAGAIN && errno != EINTR && errno != EPIPE)) {
		stream_end_output(stream, channel);
	} else if (stream->ended && errno == EAGAIN) {
		stream->left[channel] = 0;
		stream_close_fd(stream, channel);
	}
	return n > 0 || (n < 0 && errno == EPIPE);
}

static void stream_serve_output(struct stream *stream, unsigned int channel)
{
	/* A read gives one record, and poll() does not report the end. */
	while (stream_serve_output_once(stream, channel) &&
	       stream->type == FRAME_KMSG)
		;
}

/* The process has ended and all its output was sent. */
static void stream_finish(struct stream *stream)
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
		wire_done(stream->id, -EIO,
			  "the process that did the work was killed");
	} else {
		wire_done(stream->id, 0, "");
	}
	stream_close(stream);
}

static void stream_serve_one(struct stream *stream, const struct pollfd *polls)
{
	unsigned int i;

	/* First, because STAT goes before the data. */
	if (stream->fd[STREAM_REPORT] >= 0)
		stream_serve_report(stream);
	if (polls[STREAM_IN].revents)
		stream_serve_input(stream);
	for (i = STREAM_OUT; i < STREAM_CHANNELS; i++)
		if (stream->fd[i] >= 0 && (polls[i].revents || stream->ended))
			stream_serve_output(stream, i);

	if (stream->ended && stream->fd[STREAM_OUT] < 0 &&
	    stream->fd[STREAM_ERR] < 0)
		stream_finish(stream);
}

void stream_serve(const struct pollfd *polls)
{
	static unsigned int first;
	unsigned int i, at;

	/* Start with another one each time: the others may leave no room. */
	first++;
	for (i = 0; i < STREAMS && wire_room() > WIRE_ANSWER; i++) {
		at = (first + i) % STREAMS;
		if (streams[at].id)
			stream_serve_one(&streams[at], polls + at * STREAM_FDS);
	}
}

static bool stream_wants(const struct stream *stream, unsigned int i)
{
	if (stream->fd[i] < 0)
		return false;
	switch (i) {
	case STREAM_IN:
		return stream->count || stream->input_ends;
	case STREAM_REPORT:
		return true;
	default:
		return stream_output_size(stream, i) > 0;
	}
}

void stream_poll(struct pollfd *polls)
{
	const struct stream *stream;
	unsigned int i;

	for (stream = streams; stream < streams + STREAMS; stream++) {
		for (i = 0; i < STREAM_FDS; i++, polls++) {
			polls->fd = stream->id && stream_wants(stream, i) ?
					    stream->fd[i] :
					    -1;
			polls->events = i == STREAM_IN ? POLLOUT : POLLIN;
			polls->revents = 0;
		}
	}
}
