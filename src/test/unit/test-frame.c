// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "lib/frame.h"
#include "test/lib/tap.h"

static bool reads(struct frame frame, int want)
{
	char bytes[FRAME_HEAD + 16] = {};
	struct frame back = {};

	frame_write(bytes, &frame);
	if (frame_read(&back, bytes, sizeof(bytes)) != want)
		return false;
	return want <= 0 || (back.size == frame.size &&
			     back.stream == frame.stream &&
			     back.type == frame.type &&
			     back.channel == frame.channel);
}

static void test_heads(void)
{
	const unsigned char want[] = { 4, 3, 0, 0, 8, 7, 6, 5, 14, 0, 2, 0 };
	const struct frame frame = { .size = 0x304, .stream = 0x5060708,
				     .type = FRAME_CREDIT, .channel = 2 };
	char got[FRAME_HEAD];

	frame_write(got, &frame);
	ok(!memcmp(got, want, sizeof(want)), "numbers are little-endian");

	ok(reads((struct frame){ 4, 1, FRAME_CREDIT, 2 }, 1), "a frame");
	ok(reads((struct frame){ 4, 0, FRAME_HELLO, 0 }, 1), "a HELLO");
	ok(reads((struct frame){ 0, -1, FRAME_PING, 0 }, 1), "any stream");
	ok(reads((struct frame){ 17, 1, FRAME_DATA, 0 }, 0),
	   "one that is not all there");

	ok(reads((struct frame){ 0, 1, 0, 0 }, -EBADMSG), "no type");
	ok(reads((struct frame){ 0, 1, 999, 0 }, -EBADMSG), "an unknown type");
	ok(reads((struct frame){ 0, 0, FRAME_PING, 0 }, -EBADMSG),
	   "a stream of number 0");
	ok(reads((struct frame){ 4, 1, FRAME_HELLO, 0 }, -EBADMSG),
	   "a HELLO on a stream");
	ok(reads((struct frame){ 0, 1, FRAME_DATA, 3 }, -EBADMSG),
	   "an unknown channel");
	ok(reads((struct frame){ 0, 1, FRAME_PING, 1 }, -EBADMSG),
	   "a channel where there is none");
	ok(reads((struct frame){ 3, 1, FRAME_CREDIT, 0 }, -EBADMSG),
	   "too short for its type");
	ok(reads((struct frame){ 5, 1, FRAME_CREDIT, 0 }, -EBADMSG),
	   "too long for its type");
	ok(reads((struct frame){ FRAME_MAX + 1, 1, FRAME_DATA, 0 }, -EBADMSG),
	   "too long for any");
}

static void test_parts(void)
{
	const struct frame frame = { 4, 1, FRAME_DONE, 0 };
	char bytes[FRAME_HEAD + 4] = {};
	struct frame back = { .size = 7 };
	size_t n;

	frame_write(bytes, &frame);
	for (n = 0; n < sizeof(bytes); n++)
		if (frame_read(&back, bytes, n))
			break;
	ok(n == sizeof(bytes) && back.size == 7,
	   "more is needed until the last byte has come");
	ok(frame_read(&back, bytes, n) == 1 && back.size == 4, "then it is there");
}

static void test_skip(void)
{
	const struct frame hello = { 12, 0, FRAME_HELLO, 0 };
	char bytes[100] = {};
	size_t n;

	memset(bytes, 12, 50);
	frame_write(bytes + 50, &hello);
	for (n = 51; n <= sizeof(bytes); n++)
		if (frame_skip(bytes, n) != 50)
			break;
	ok(n == sizeof(bytes) + 1, "a HELLO is found, also the first half of one");
	ok(frame_skip(bytes, 49) == 48, "what may be its first byte is kept");
	bytes[50] = 3;
	ok(frame_skip(bytes, 90) == 90, "all else is skipped");
	ok(!frame_skip(bytes, 0), "nothing is nothing");
}

static void test_run(void)
{
	const struct frame_run run = { .flags = 1, .rows = 25, .columns = 80,
				       .argc = 2, .envc = 1 };
	static const char texts[] = "/tmp\0echo\0\0A=b";
	char data[FRAME_RUN_HEAD + sizeof(texts)];
	struct frame_run back = {};
	size_t size;

	frame_write_run(data, &run);
	memcpy(data + FRAME_RUN_HEAD, texts, sizeof(texts));
	ok(!frame_read_run(&back, data, sizeof(data)), "a RUN");
	ok(back.flags == 1 && back.rows == 25 && back.columns == 80 &&
	   back.argc == 2 && back.envc == 1, "its numbers");
	is_text(back.cwd, "/tmp", "its folder");
	ok(!memcmp(back.args, "echo\0", 6), "its arguments, an empty one too");
	is_text(back.env, "A=b", "its environment");

	for (size = 0; size < sizeof(data); size++)
		if (frame_read_run(&back, data, size) != -EBADMSG)
			break;
	ok(size == sizeof(data), "a part of it is none");

	frame_put32(data + 8, 1);
	ok(frame_read_run(&back, data, size) == -EBADMSG, "too many texts");
	frame_put32(data + 8, 0);
	frame_put32(data + 12, 3);
	ok(frame_read_run(&back, data, size) == -EBADMSG, "no arguments");
	frame_put32(data + 8, -1);
	frame_put32(data + 12, -1);
	ok(frame_read_run(&back, data, size) == -EBADMSG, "billions of them");
}

/* The texts come later. */
static void test_long_run(void)
{
	struct frame_run run = { .flags = FRAME_RUN_LONG, .argc = 1,
				 .envc = 1 };
	char data[FRAME_RUN_HEAD + 1 + 4] = "";
	struct frame_run back = {};

	frame_write_run(data, &run);
	frame_put32(data + FRAME_RUN_HEAD + 1, 9);
	ok(!frame_read_run(&back, data, sizeof(data)) && back.size == 9 &&
	   !back.args, "a RUN whose texts come later");
	ok(!frame_read_words(&back, "echo\0A=b"), "... which are read");
	is_text(back.env, "A=b", "... with the environment");
	ok(frame_read_words(&back, "echo A=b") == -EBADMSG,
	   "... and must be as many");
	ok(frame_read_run(&back, data, sizeof(data) - 1) == -EBADMSG,
	   "... and their size must be there");
	frame_put32(data + FRAME_RUN_HEAD + 1, FRAME_WORDS_MAX + 1);
	ok(frame_read_run(&back, data, sizeof(data)) == -EBADMSG,
	   "... and not too large");
	run.argc = FRAME_WORDS_MAX;
	frame_write_run(data, &run);
	frame_put32(data + FRAME_RUN_HEAD + 1, 9);
	ok(frame_read_run(&back, data, sizeof(data)) == -EBADMSG,
	   "... or have more words than bytes");
}

static void test_numbers(void)
{
	char bytes[16];
	char *at = bytes + 1;

	at = frame_put16(at, 0x1234);
	at = frame_put32(at, 0x56789abc);
	at = frame_put64(at, 0xdef0123456789abc);
	ok(at == bytes + 15, "numbers one behind the other, at odd addresses");
	ok(frame_get16(bytes + 1) == 0x1234 &&
	   frame_get32(bytes + 3) == 0x56789abc &&
	   frame_get64(bytes + 7) == 0xdef0123456789abc, "are read again");
}

int main(void)
{
	test_heads();
	test_parts();
	test_skip();
	test_run();
	test_long_run();
	test_numbers();
	return tap_done();
}
