// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as QMP: nothing is written or read where it should not be, no line
 * piles up, and it does not matter where the bytes are cut.  The first byte says
 * where they are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/qemu/qmp.h"

/* The name by which libFuzzer calls it. */
int fuzz(const unsigned char *data, size_t size)
	__asm__("LLVMFuzzerTestOneInput");

static unsigned long heard;

/* Something that depends on all that was heard, and its order. */
static void hear(const char *name, const json_t *data)
{
	for (; *name; name++)
		heard = heard * 31 + *name;
	heard = heard * 31 + (data ? json_typeof(data) : 9);
}

static void take_event(struct qmp *qmp, const char *name, json_t *data)
{
	(void)qmp;
	hear(name, data);
}

static void take_answer(struct qmp *qmp, int id, json_t *ret, const char *why)
{
	char number[16];

	(void)qmp;
	snprintf(number, sizeof(number), "%d", id);
	hear(number, ret);
	if (why)
		hear(why, NULL);
}

static unsigned long feed(const char *bytes, size_t size, size_t piece)
{
	struct qmp qmp = { .event = take_event, .answer = take_answer };
	size_t n;

	heard = 0;
	for (; size; bytes += n, size -= n) {
		n = size < piece ? size : piece;
		qmp_feed(&qmp, bytes, n);
		if (queue_count(&qmp.in) > QMP_LINE_MAX)
			abort();
	}
	queue_fini(&qmp.in);
	return heard;
}

int fuzz(const unsigned char *data, size_t size)
{
	const char *bytes = (const char *)data + 1;

	if (size < 2 || size > QMP_LINE_MAX)
		return 0;
	if (feed(bytes, size - 1, size) != feed(bytes, size - 1, *data + 1))
		abort();
	return 0;
}
