// SPDX-License-Identifier: GPL-2.0-only
#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "lib/frame.h"
#include "lib/macros.h"

#define CHANNELS 3

/* The size of each type's data.  A type without an entry does not exist. */
static const struct {
	u32 min;
	u32 max;
	bool known;
} sizes[] = {
	[FRAME_HELLO] = { 4, 12, true },
	[FRAME_RUN] = { FRAME_RUN_HEAD + 2, FRAME_MAX, true },
	[FRAME_PUT] = { 5, FRAME_MAX, true },
	[FRAME_GET] = { 1, FRAME_MAX, true },
	[FRAME_LOAD] = { 0, FRAME_MAX, true },
	[FRAME_UNLOAD] = { 5, FRAME_MAX, true },
	[FRAME_KMSG] = { 0, 4, true },
	[FRAME_CLOCK] = { 12, 12, true },
	[FRAME_ENTROPY] = { 1, FRAME_MAX, true },
	[FRAME_POWER] = { 4, 4, true },
	[FRAME_PING] = { 0, 0, true },
	[FRAME_DATA] = { 0, FRAME_MAX, true },
	[FRAME_END] = { 0, 0, true },
	[FRAME_CREDIT] = { 4, 4, true },
	[FRAME_RESIZE] = { 4, 4, true },
	[FRAME_SIGNAL] = { 4, 4, true },
	[FRAME_CANCEL] = { 0, 0, true },
	[FRAME_STAT] = { 24, 24, true },
	[FRAME_DONE] = { 4, FRAME_MAX, true },
	[FRAME_EXIT] = { 8, 8, true },
	[FRAME_STATUS] = { 0, 0, true },
	[FRAME_STOP] = { 4, 4, true },
	[FRAME_CONSOLE] = { 0, 0, true },
	[FRAME_DUMP] = { 0, PATH_MAX, true },
	[FRAME_NAME] = { 1, 64, true },
	[FRAME_SHARE] = { 0, 0, true },
	[FRAME_MONITOR] = { 1, PATH_MAX, true },
	[FRAME_SETTLE] = { 0, 0, true },
	[FRAME_TYPE] = { 0, 0, true },
};

u16 frame_get16(const void *from)
{
	u16 number;

	memcpy(&number, from, sizeof(number));
	return le16toh(number);
}

u32 frame_get32(const void *from)
{
	u32 number;

	memcpy(&number, from, sizeof(number));
	return le32toh(number);
}

u64 frame_get64(const void *from)
{
	u64 number;

	memcpy(&number, from, sizeof(number));
	return le64toh(number);
}

void *frame_put16(void *to, u16 number)
{
	number = htole16(number);
	return (char *)memcpy(to, &number, sizeof(number)) + sizeof(number);
}

void *frame_put32(void *to, u32 number)
{
	number = htole32(number);
	return (char *)memcpy(to, &number, sizeof(number)) + sizeof(number);
}

void *frame_put64(void *to, u64 number)
{
	number = htole64(number);
	return (char *)memcpy(to, &number, sizeof(number)) + sizeof(number);
}

void frame_write(void *to, const struct frame *frame)
{
	to = frame_put32(to, frame->size);
	to = frame_put32(to, frame->stream);
	to = frame_put16(to, frame->type);
	frame_put16(to, frame->channel);
}

static bool frame_has_channel(u16 type)
{
	return type == FRAME_DATA || type == FRAME_END || type == FRAME_CREDIT;
}

static bool frame_is_possible(const struct frame *frame)
{
	bool greets = frame->type == FRAME_HELLO;

	if (frame->type >= ARRAY_SIZE(sizes) || !sizes[frame->type].known)
		return false;
	if (frame->size < sizes[frame->type].min ||
	    frame->size > sizes[frame->type].max)
		return false;
	if (greets != !frame->stream)
		return false;
	return frame->channel < (frame_has_channel(frame->type) ? CHANNELS : 1);
}

int frame_read(struct frame *ret, const void *bytes, size_t count)
{
	const char *head = bytes;
	struct frame frame;

	if (count < FRAME_HEAD)
		return 0;

	frame.size = frame_get32(head);
	frame.stream = frame_get32(head + 4);
	frame.type = frame_get16(head + 8);
	frame.channel = frame_get16(head + 10);
	if (!frame_is_possible(&frame))
		return -EBADMSG;
	if (count - FRAME_HEAD < frame.size)
		return 0;

	*ret = frame;
	return 1;
}

/* Can these bytes be the head of a HELLO, or the beginning of one? */
static bool frame_is_hello(const char *bytes, size_t count)
{
	struct frame hello = { .size = bytes[0], .type = FRAME_HELLO };
	char head[FRAME_HEAD];

	frame_write(head, &hello);
	return frame_is_possible(&hello) &&
	       !memcmp(bytes, head,
		       count < sizeof(head) ? count : sizeof(head));
}

size_t frame_skip(const void *bytes, size_t count)
{
	size_t at = 0;

	while (at < count &&
	       !frame_is_hello((const char *)bytes + at, count - at))
		at++;
	return at;
}

/* The end of `count` texts with their NULs, or NULL if one is incomplete. */
static const char *frame_skip_texts(const char *text, const char *end,
				    u32 count)
{
	while (text && count--) {
		text = memchr(text, '\0', end - text);
		if (text)
			text++;
	}
	return text;
}

int frame_read_words(struct frame_run *run, const void *data)
{
	const char *end = (const char *)data + run->size;

	run->args = data;
	run->env = frame_skip_texts(run->args, end, run->argc);
	if (!run->argc || !run->env ||
	    frame_skip_texts(run->env, end, run->envc) != end)
		return -EBADMSG;
	return 0;
}

int frame_read_run(struct frame_run *ret, const void *data, size_t size)
{
	const char *head = data;
	const char *end = head + size;
	struct frame_run run;

	if (size < FRAME_RUN_HEAD)
		return -EBADMSG;

	run.flags = frame_get32(head);
	run.rows = frame_get16(head + 4);
	run.columns = frame_get16(head + 6);
	run.argc = frame_get32(head + 8);
	run.envc = frame_get32(head + 12);
	run.cwd = head + FRAME_RUN_HEAD;
	head = frame_skip_texts(run.cwd, end, 1);
	if (!head)
		return -EBADMSG;
	run.args = NULL;
	run.size = end - head;
	if (run.flags & FRAME_RUN_LONG) {
		if (run.size != sizeof(u32))
			return -EBADMSG;
		run.size = frame_get32(head);
		if (!run.argc || !run.size || run.size > FRAME_WORDS_MAX ||
		    run.argc > run.size || run.envc > run.size)
			return -EBADMSG;
	} else if (frame_read_words(&run, head) < 0) {
		return -EBADMSG;
	}
	*ret = run;
	return 0;
}

void frame_write_run(void *to, const struct frame_run *run)
{
	to = frame_put32(to, run->flags);
	to = frame_put16(to, run->rows);
	to = frame_put16(to, run->columns);
	to = frame_put32(to, run->argc);
	frame_put32(to, run->envc);
}
