// SPDX-License-Identifier: GPL-2.0-only
/*
 * TAP and KTAP as commands print it: which lines are failures.
 */
#include <string.h>

#include "tap.h"
#include "tests.h"

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
	if (!ok(tests.passed == passed && tests.failed == failed, name))
		printf("# %lu passed, %lu failed\n", tests.passed,
		       tests.failed);
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
	ok(strlen(tests.kept[TESTS_KEPT - 1]) == TESTS_LINE - 1,
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
	}
	test_many();
	return tap_done();
}
