// SPDX-License-Identifier: GPL-2.0-only
/*
 * QMP messages, cut and mixed in any way, and messages that QEMU must not send.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/str.h"
#include "test/lib/tap.h"
#include "vm/qemu/machine.h"
#include "vm/qemu/qmp.h"

static char heard[4096];

static void take_event(struct qmp *qmp, const char *name, json_t *data)
{
	const char *id = json_string_value(json_object_get(data, "id"));
	size_t at = strlen(heard);

	(void)qmp;
	snprintf(heard + at, sizeof(heard) - at, "%s(%s) ", name,
		 id ? id : "");
}

static void take_answer(struct qmp *qmp, int id, json_t *ret, const char *why)
{
	size_t at = strlen(heard);

	(void)qmp;
	snprintf(heard + at, sizeof(heard) - at, "%d:%s%s ", id,
		 ret ? "done" : "failed", why ? why : "");
}

/* What is heard of text that comes in pieces of so many bytes. */
static void test(const char *name, const char *text, size_t piece,
		 const char *want)
{
	struct qmp qmp = { .event = take_event, .answer = take_answer };
	size_t left = strlen(text), n;

	heard[0] = '\0';
	for (; left; text += n, left -= n) {
		n = left < piece ? left : piece;
		qmp_feed(&qmp, text, n);
	}
	is_text(heard, want, name);
	queue_fini(&qmp.in);
}

#define TALK "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n" \
	"{\"return\": {}, \"id\": 1}\r\n" \
	"{\"timestamp\": {\"seconds\": 1}, \"event\": \"RESUME\"}\r\n" \
	"{\"event\": \"VSERPORT_CHANGE\", \"data\": {\"id\": \"agent\"}}\r\n" \
	"{\"id\": 7, \"error\": {\"class\": \"GenericError\"}}\r\n" \
	"{\"id\": 8, \"error\": {\"desc\": \"!\"}}\r\n"
#define HEARD "1:done RESUME() VSERPORT_CHANGE(agent) 7:failed 8:failed! "

static void test_long(void)
{
	char *text = malloc(3 * QMP_LINE_MAX);
	int len = 2 * QMP_LINE_MAX;

	memset(text, '[', len);
	memcpy(text + len, "\n" TALK, sizeof("\n" TALK));
	test("a line that is too long is skipped, and no other", text, 1000,
	     HEARD);
	free(text);
}

/* Does a processor of this kind wait for nothing by these registers? */
static bool is_dead(const char *name, const char *registers)
{
	char *path = str_printf("recipes/processor/%s/values.mk", name);
	struct processor processor;
	char *why = NULL;
	bool ret;

	ok(processor_open(&processor, path, &why) == 0, path);
	ret = machine_is_dead(registers, processor_text(&processor, "halted"));
	processor_fini(&processor);
	free(path);
	return ret;
}

static void test_processors(void)
{
	static const char pc[] = "x86_64", arm[] = "arm64";

	ok(is_dead(pc, "EFL=00000046 [---Z-P-] CPL=0 HLT=1"),
	   "no interrupts and halted: dead");
	ok(is_dead(pc, "RFL=00000046 [---Z-P-] CPL=0 HLT=1"),
	   "... on 64 bits, too");
	ok(!is_dead(pc, "RFL=00000246 [---Z-P-] CPL=0 HLT=1"),
	   "halted with interrupts is idle");
	ok(!is_dead(pc, "RFL=00000046 [---Z-P-] CPL=0 HLT=0"),
	   "not halted runs");
	ok(!is_dead(pc, "HLT=1"), "no flags: nobody knows");
	ok(!is_dead(pc, ""), "no registers: nobody knows");
	ok(is_dead(arm, "PSTATE=600003c5 -ZC- EL1h"),
	   "arm64 loops for ever without interrupts");
	ok(!is_dead(arm, "PSTATE=60000005 -ZC- EL1h"), "... and not with them");
	ok(!machine_is_dead("PSTATE=600003c5", ""),
	   "a processor that turns itself off is not looked at");
}

int main(void)
{
	test("events and answers", TALK, 100000, HEARD);
	test("... byte by byte", TALK, 1, HEARD);
	test("an unfinished line is not heard", "{\"event\": \"STOP\"}", 5, "");
	test("no JSON is not heard",
	     "nonsense\n{\"event\": 5}\n[]\n\"x\"\n{\"id\": \"x\"}\n{\"id\": -1}\n{\"id\": 99999999999}\n"
	     TALK, 3, HEARD);
	test_long();
	test_processors();
	return tap_done();
}
