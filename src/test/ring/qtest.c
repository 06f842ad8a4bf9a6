// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/macros.h"
#include "test/ring/qtest.h"

int qtest_start(struct qtest *ret, const struct argv *words)
{
	int to[2] = { -1, -1 }, from[2] = { -1, -1 };
	struct proc_spec spec = {
		.path = words->word[0],
		.argv = words->word,
		.death_signal = SIGKILL,
		.std = (int[]){ -1, -1, STDERR_FILENO },
	};
	int err = 0;

	*ret = (struct qtest){};
	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0)
		err = -errno;
	if (!err) {
		spec.std = (int[]){ to[0], from[1], STDERR_FILENO };
		err = proc_spawn(&ret->proc, &spec);
	}
	close(to[0]);
	close(from[1]);
	if (err < 0) {
		close(to[1]);
		close(from[0]);
		return err;
	}
	ret->to = fdopen(to[1], "w");
	ret->from = fdopen(from[0], "r");
	return ret->to && ret->from ? 0 : -ENOMEM;
}

void qtest_end(struct qtest *qtest)
{
	if (qtest->to)
		fclose(qtest->to);
	if (qtest->from)
		fclose(qtest->from);
	proc_kill(&qtest->proc);
	free(qtest->line);
	*qtest = (struct qtest){};
}

/*
 * Waits for the answer to the line that was written; returns what follows "OK", and
 * nothing of a line that was refused.
 */
static const char *qtest_answer(struct qtest *qtest)
{
	if (fputc('\n', qtest->to) == EOF || fflush(qtest->to) == EOF)
		qtest->ended = true;
	while (!qtest->ended) {
		if (getline(&qtest->line, &qtest->room, qtest->from) < 0)
			qtest->ended = true;
		else if (!strncmp(qtest->line, "OK", 2))
			return qtest->line + 2;
		else if (!strncmp(qtest->line, "FAIL", 4) || !strncmp(qtest->line, "ERR", 3))
			break;
	}
	return "";
}

bool qtest_is_alive(struct qtest *qtest)
{
	/* Anything will do but a step of no time, which QEMU 10 refuses */
	fputs("endianness", qtest->to);
	qtest_answer(qtest);
	return !qtest->ended;
}

u32 qtest_read32(struct qtest *qtest, u64 address)
{
	fprintf(qtest->to, "readl 0x%llx", (unsigned long long)address);
	return strtoull(qtest_answer(qtest), NULL, 0);
}

void qtest_write32(struct qtest *qtest, u64 address, u32 value)
{
	fprintf(qtest->to, "writel 0x%llx 0x%x",
		(unsigned long long)address, value);
	qtest_answer(qtest);
}

void qtest_read(struct qtest *qtest, u64 address, void *ret, size_t len)
{
	unsigned char *byte = ret;
	const char *text;
	unsigned int value;
	size_t i;

	fprintf(qtest->to, "read 0x%llx 0x%zx",
		(unsigned long long)address, len);
	text = strchr(qtest_answer(qtest), 'x');
	for (i = 0; i < len; i++) {
		value = 0;
		if (text)
			sscanf(text + 1 + 2 * i, "%2x", &value);
		byte[i] = value;
	}
}

void qtest_write(struct qtest *qtest, u64 address, const void *data,
		 size_t len)
{
	const unsigned char *byte = data;
	size_t i;

	fprintf(qtest->to, "write 0x%llx 0x%zx 0x",
		(unsigned long long)address, len);
	for (i = 0; i < len; i++)
		fprintf(qtest->to, "%02x", byte[i]);
	qtest_answer(qtest);
}

void qtest_step(struct qtest *qtest, unsigned int ms)
{
	fprintf(qtest->to, "clock_step %llu", ms * 1000000ULL);
	qtest_answer(qtest);
}
