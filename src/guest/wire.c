// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "guest/text.h"
#include "guest/wire.h"

/* The bytes from start to end are in use. */
struct buffer {
	char *bytes;
	size_t size;
	size_t start;
	size_t end;
};

/* At least one frame of the maximum size must fit, and answers in `out` besides. */
static char in_bytes[4 * (FRAME_HEAD + FRAME_MAX)];
static char out_bytes[4 * (FRAME_HEAD + FRAME_MAX) + WIRE_ANSWER];

static struct buffer in = { in_bytes, sizeof(in_bytes), 0, 0 };
static struct buffer out = { out_bytes, sizeof(out_bytes), 0, 0 };
static int wire_fd = -1;

static void wire_compact(struct buffer *buffer)
{
	size_t count = buffer->end - buffer->start;

	if (!buffer->start)
		return;
	memmove(buffer->bytes, buffer->bytes + buffer->start, count);
	buffer->start = 0;
	buffer->end = count;
}

void wire_open(int fd)
{
	wire_fd = fd;
}

/* From a result of read() or write(): its count, 0 if it would wait, or -EPIPE. */
static ssize_t wire_outcome(ssize_t n)
{
	if (n > 0)
		return n;
	if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOMEM))
		return 0;
	return -EPIPE;
}

int wire_receive(void)
{
	ssize_t n = 1;

	wire_compact(&in);
	while (in.end < in.size && n > 0) {
		n = read(wire_fd, in.bytes + in.end, in.size - in.end);
		n = wire_outcome(n);
		if (n < 0)
			return n;
		in.end += n;
	}
	return 0;
}

int wire_next(struct frame *frame, const char **data)
{
	const char *at = in.bytes + in.start;
	int ret;

	ret = frame_read(frame, at, in.end - in.start);
	if (ret <= 0)
		return ret;
	*data = at + FRAME_HEAD;
	in.start += FRAME_HEAD + frame->size;
	return 1;
}

void wire_skip(void)
{
	in.start += frame_skip(in.bytes + in.start, in.end - in.start);
}

bool wire_has_space(void)
{
	return in.end - in.start < in.size;
}

size_t wire_room(void)
{
	size_t used = out.end - out.start + FRAME_HEAD;

	return used < out.size ? out.size - used : 0;
}

void *wire_data(void)
{
	/* A frame must be in one piece. */
	if (out.size - out.end < FRAME_HEAD + FRAME_MAX)
		wire_compact(&out);
	return out.bytes + out.end + FRAME_HEAD;
}

void wire_send(u32 stream, u16 type, u16 channel, u32 size)
{
	const struct frame frame = { size, stream, type, channel };

	frame_write(out.bytes + out.end, &frame);
	out.end += FRAME_HEAD + size;
}

void wire_done(u32 stream, int err, const char *what)
{
	u32 size = text_done(wire_data(), 256, err, what);

	wire_send(stream, FRAME_DONE, 0, size);
}

bool wire_is_pending(void)
{
	return out.start < out.end;
}

int wire_flush(void)
{
	ssize_t n = 1;

	while (out.start < out.end && n > 0) {
		n = wire_outcome(write(wire_fd, out.bytes + out.start,
				       out.end - out.start));
		if (n < 0)
			return n;
		out.start += n;
	}
	if (out.start == out.end) {
		out.start = 0;
		out.end = 0;
	}
	return 0;
}
