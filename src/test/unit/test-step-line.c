// SPDX-License-Identifier: GPL-2.0-only
#include "step/line.h"
#include "test/lib/tap.h"

#define NAME "  linux      build   "

static const struct line_facts facts = {
	.recipe = "linux",
	.step = "build",
	.action = "CC kernel/fork.o",
	.done = 812,
	.total = 1352,
	.elapsed = 92,
	.left = 48,
};

static void is_line(const struct line_facts *f, unsigned int columns,
		    const char *want, const char *name)
{
	char text[512];

	line_text(text, sizeof(text), f, columns);
	is_text(text, want, name);
}

static void test_widths(void)
{
	is_line(&facts, 80, NAME "   812/1352  1:32  0:48 left  CC kernel/fork.o",
		"80 columns");
	is_line(&facts, 66, NAME "   812/1352  1:32  0:48 left  CC fork.o",
		"narrower: without the folder");
	is_line(&facts, 60, NAME "   812/1352  1:32  0:48 left", "without the file");
	is_line(&facts, 40, NAME "   812/1352  1:32", "without the time left");
	is_line(&facts, 38, NAME "   812/1352", "without the time");
	is_line(&facts, 25, NAME, "without the numbers");
	is_line(&facts, 20, "  linux build", "without the padding");
	is_line(&facts, 13, "", "without all");
	is_line(&facts, 0, "", "in no column");
}

static void test_no_width_is_exceeded(void)
{
	struct line_facts f = facts;
	char text[512] = "";
	unsigned int columns;

	f.recipe = "a-recipe-with-a-long-name";
	f.action = "CC tools/a/very/long/path/to/a/file/whose/name/is/long.o";
	for (columns = 1; columns <= 600; columns++) {
		line_text(text, sizeof(text), &f, columns);
		if (strlen(text) >= columns)
			break;
	}
	ok(columns == 601, "the last column stays free, whatever their number");
	ok(strstr(text, f.action), "in a wide one nothing is cut");
}

static void test_unknown(void)
{
	struct line_facts f = facts;

	f.left = 0;
	is_line(&f, 80, NAME "   812/1352  1:32  CC kernel/fork.o",
		"no time left known");
	f.total = 0;
	is_line(&f, 80, NAME "  812  1:32  CC kernel/fork.o", "no total known");
	f.done = 0;
	f.action = "";
	is_line(&f, 80, NAME "  1:32", "no units");
	f.total = 1352;
	is_line(&f, 80, NAME "     0/1352  1:32", "none yet");
	f.elapsed = 3599;
	f.left = 36000;
	is_line(&f, 80, NAME "     0/1352  59:59  10:00:00 left", "hours");
}

int main(void)
{
	test_widths();
	test_no_width_is_exceeded();
	test_unknown();
	return tap_done();
}
