// SPDX-License-Identifier: GPL-2.0-only
/*
 * TAP and KTAP as commands print it: which lines are failures.
 */
#include <string.h>

#include "test/lib/tap.h"
#include "vm/watch/tests.h"

static void test(const char *name, const char *text, size_t piece,
		 unsigned long passed, unsigned long failed)
{
	struct tests tests = {};
	size_t left = strlen(text), n;
	const char *at = text;

	for (; left; at += n, left -= n) {
		n = left < piece ? left : piece;
		tests_feed(&tests, at, n);
	}
	tests_finish(&tests);
	if (!ok(tests.passed == passed && tests.failed == failed &&
		tests.faults <= failed, name))
		printf("# %lu passed, %lu failed\n", tests.passed,
		       tests.failed);
}

/* Lists that are announced. */
static void test_plans(size_t piece)
{
	test("a plan that is met", "1..2\nok 1\nok 2\n", piece, 2, 0);
	test("... that came last", "ok 1\nok 2\n1..2\n", piece, 2, 0);
	test("a plan that is not met", "1..3\nok 1\nok 2\n", piece, 2, 1);
	test("... that came last", "ok 1\nok 2\n1..3\n", piece, 2, 1);
	test("more than was planned", "1..1\nok 1\nok 2\n", piece, 2, 1);
	test("a plan of which nothing came", "TAP version 13\n1..5\n", piece,
	     0, 1);
	test("a version of TAP without a plan", "TAP version 14\nok 1\n",
	     piece, 1, 1);
	test("... of KTAP, which needs none", "KTAP version 1\nok 1 - a\n",
	     piece, 1, 0);
	test("all left out", "1..0 # SKIP no such device\n", piece, 0, 0);
	test("numbers of any form are no plan",
	     "1..x\n1..5,6\n1..\n1..3 and more\n1..99999999999\n", piece,
	     0, 0);
	test("a number out of order", "1..3\nok 1\nok 3\nok 2\n", piece,
	     3, 1);
	test("a number twice", "1..2\nok 1\nok 1\n", piece, 2, 1);
	test("numbers without a plan may be prose", "ok 200\nok 404\n", piece,
	     2, 0);
	test("a list after another",
	     "1..2\nok 1\nok 2\n1..1\nok 1\nok 1\nok 2\n1..2\n", piece,
	     5, 0);
	test("prose before a list", "ok\n1..2\nok 1\nok 2\n", piece, 3, 0);
	test("gives up", "1..9\nok 1\nBail out! no disk\n", piece, 1, 1);
}

static void test_nested(size_t piece)
{
	test("a list in a list",
	     "KTAP version 1\n1..2\n  KTAP version 1\n  1..2\n  ok 1 a\n"
	     "  ok 2 b\nok 1 first\n  KTAP version 1\n  1..1\n  ok 1 c\n"
	     "ok 2 second\n", piece, 5, 0);
	test("... the inner plan is not met",
	     "KTAP version 1\n1..1\n  KTAP version 1\n  1..2\n  ok 1 a\n"
	     "ok 1 first\n", piece, 2, 1);
	test("... the outer one is not met",
	     "1..2\n    # Subtest: a\n    ok 1\n    1..1\nok 1 - a\n",
	     piece, 2, 1);
	test("... neither is, at the end", "1..2\n  1..2\n  ok 1\n", piece,
	     1, 2);
	test("parameters without a plan",
	     "1..1\n  1..1\n    KTAP version 1\n    # Subtest: p\n    ok 1 x\n"
	     "    ok 2 y\n  ok 1 p\nok 1 s\n", piece, 4, 0);
}

/* KUnit's results in the kernel's log. */
static void test_messages(size_t piece)
{
	test("by dmesg",
	     "[    1.5] KTAP version 1\n[    1.5] 1..1\n"
	     "[    1.6]     KTAP version 1\n[    1.6]     1..2\n"
	     "[    1.6]     ok 1 a\n[    1.6] random: crng init done\n"
	     "[    1.7]     not ok 2 b\n[    1.7] not ok 1 s\n", piece, 1, 2);
	test("... with levels and callers",
	     "<6>[   10.000001][    T1] 1..2\n<6>[   10.1][   T12] ok 1\n",
	     piece, 1, 1);
	test("a kernel message between",
	     "1..2\nok 1\n[   12.0] usb 1-1: not ok\nok 2\n", piece, 2, 0);
	test("brackets of another kind",
	     "[FAIL] not ok 1\n[] not ok\n<> not ok\n[1.0]not ok\n[1.0",
	     piece, 0, 0);
}

static void test_prose(size_t piece)
{
	test("prose", "not ok, really\nok: fine\nok.\nok-ish\nnot ok!\n",
	     piece, 0, 0);
	test("a test without a number", "not ok - the disk\nnot ok the disk",
	     piece, 0, 2);
	test("directives in any case", "not ok 1 #todo: x\nnot ok 2 a #  Skip",
	     piece, 0, 0);
	test("words that only begin so", "not ok 1 # todos\nnot ok 2 # skipped",
	     piece, 0, 2);
	test("a # that is none", "not ok 1 - a \\# b # TODO\n"
	     "not ok 2 - a \\# TODO\n", piece, 0, 1);
}

/* What is not expected to come is found wherever it stands in a long line. */
static void test_long(void)
{
	struct tests tests = {};
	char line[1000];

	memset(line, 'x', sizeof(line));
	memcpy(line, "not ok 1 ", 9);
	memcpy(line + sizeof(line) - 8, " # TODO\n", 8);
	tests_feed(&tests, line, sizeof(line));
	tests_finish(&tests);
	ok(!tests.failed, "the directive of a long line");
}

static void test_deep(void)
{
	struct tests tests = {};
	char line[200];
	int i;

	for (i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "%*s1..1\n", i, "");
		tests_feed(&tests, line, strlen(line));
	}
	for (i = 99; i >= 0; i--) {
		snprintf(line, sizeof(line), "%*sok 1\n", i, "");
		tests_feed(&tests, line, strlen(line));
	}
	tests_finish(&tests);
	ok(tests.passed == 100 && !tests.failed,
	   "more lists in lists than are kept");
}

static void test_faults(void)
{
	static const char text[] = "1..3\nok 1\n";
	struct tests tests = {};

	tests_feed(&tests, text, strlen(text));
	tests_finish(&tests);
	ok(tests.faults == 1, "what is missing is no test that failed");
	is_text(tests.kept[0], "3 tests were planned, 1 came",
		"... and is told");
}

static void test_many(void)
{
	struct tests tests = {};
	char line[1000];
	int i;

	memset(line, 'x', sizeof(line));
	memcpy(line, "not ok ", 7);
	line[sizeof(line) - 1] = '\n';
	for (i = 0; i < 1000; i++)
		tests_feed(&tests, line, sizeof(line));
	tests_finish(&tests);
	ok(tests.failed == 1000, "more failures than are kept are counted");
	ok(strlen(tests.kept[TESTS_KEPT - 1]) == TESTS_TEXT - 1,
	   "what is kept of a long line is its beginning");
}

int main(void)
{
	size_t piece;

	for (piece = 1; piece < 40; piece *= 6) {
		test("one of each", "ok 1\nnot ok 2\n", piece, 1, 1);
		test("without numbers and an end", "ok\nnot ok", piece, 1, 1);
		test("indented", "    ok 1 - a\r\n\tnot ok 2 - b\r\n", piece, 1, 1);
		test("to be done, and left out",
		     "not ok 1 - a # TODO not yet\nnot ok 2 # skip\n", piece,
		     0, 0);
		test("a # of another kind", "not ok 1 - issue #12\n", piece,
		     0, 1);
		test("other lines",
		     "okay\nnot okay\nit is not ok\n# not ok 3\n", piece,
		     0, 0);
		test("nothing", "", piece, 0, 0);
		test_plans(piece);
		test_nested(piece);
		test_messages(piece);
		test_prose(piece);
	}
	test_long();
	test_deep();
	test_faults();
	test_many();
	return tap_done();
}
