/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * qtest - a QEMU without processors, whose memory and devices are ours
 *
 * QEMU's -qtest: each call is a line that QEMU answers.  When QEMU has ended, reads
 * give 0 and writes do nothing; qtest_is_alive() tells.
 */
#ifndef TEST_QTEST_H
#define TEST_QTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/argv.h"
#include "lib/proc.h"
#include "lib/types.h"

struct qtest {
	struct proc proc;
	FILE *to;
	FILE *from;
	char *line;
	size_t room;
	bool ended;
};

/* Start QEMU with the words, which name its program first.  Returns 0 or -errno. */
int qtest_start(struct qtest *ret, const struct argv *words);
void qtest_end(struct qtest *qtest);

bool qtest_is_alive(struct qtest *qtest);

u32 qtest_read32(struct qtest *qtest, u64 address);
void qtest_write32(struct qtest *qtest, u64 address, u32 value);

/* Copy len bytes, 1 to some thousands. */
void qtest_read(struct qtest *qtest, u64 address, void *ret, size_t len);
void qtest_write(struct qtest *qtest, u64 address, const void *data,
		 size_t len);

/* Let ms milliseconds pass in the machine. */
void qtest_step(struct qtest *qtest, unsigned int ms);

#endif
