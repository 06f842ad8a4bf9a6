// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes, read as frames the way the agent and the supervisor do: nothing is
 * read outside of them, and what is read makes sense.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "lib/frame.h"

/* The name by which libFuzzer calls it. */
int fuzz(const unsigned char *bytes, size_t size)
	__asm__("LLVMFuzzerTestOneInput");

/* All texts must be there, or come later. */
static void read_run(const unsigned char *data, size_t size)
{
	const char *end = (const char *)data + size;
	struct frame_run run;
	const char *text;
	u32 i;

	if (frame_read_run(&run, data, size) < 0)
		return;
	if (!run.args) {
		assert(run.flags & FRAME_RUN_LONG);
		assert(run.cwd + strlen(run.cwd) + 1 + sizeof(u32) == end);
		assert(run.argc && run.size && run.size <= FRAME_WORDS_MAX);
		return;
	}
	assert(run.cwd + strlen(run.cwd) + 1 == run.args);
	for (text = run.args, i = 0; i < run.argc; i++)
		text += strlen(text) + 1;
	assert(text == run.env);
	for (i = 0; i < run.envc; i++)
		text += strlen(text) + 1;
	assert(text == end);
}

/* What was read is written as it was. */
static void write_again(const struct frame *frame, const unsigned char *bytes)
{
	unsigned char head[FRAME_HEAD];

	frame_write(head, frame);
	assert(!memcmp(head, bytes, sizeof(head)));
}

int fuzz(const unsigned char *bytes, size_t size)
{
	struct frame frame;
	size_t at = 0, skip;
	int ret;

	while (at < size) {
		ret = frame_read(&frame, bytes + at, size - at);
		if (!ret)
			break;
		if (ret < 0) {
			assert(ret == -EBADMSG);
			skip = 1 + frame_skip(bytes + at + 1, size - at - 1);
			assert(skip <= size - at);
			at += skip;
			continue;
		}
		assert(frame.size <= FRAME_MAX);
		assert(frame.size <= size - at - FRAME_HEAD);
		write_again(&frame, bytes + at);
		if (frame.type == FRAME_RUN)
			read_run(bytes + at + FRAME_HEAD, frame.size);
		at += FRAME_HEAD + frame.size;
	}
	return 0;
}
