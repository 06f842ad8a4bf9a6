// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/argv.h"
#include "lib/macros.h"
#include "test/lib/tap.h"

/* The words between < and >, in memory that the next call reuses. */
static const char *show(const struct argv *argv)
{
	static char text[1000];
	size_t i, len = 0;

	text[0] = '\0';
	for (i = 0; i < argv->count; i++)
		len += snprintf(text + len, sizeof(text) - len, "<%s>",
				argv->word[i]);
	return text;
}

static void test_add(void)
{
	struct argv argv = {};
	int i;

	for (i = 0; i < 100; i++)
		argv_addf(&argv, "%d%%", i);
	argv_add(&argv, "");
	ok(argv.count == 101, "words are counted");
	ok(!argv.word[101], "NULL stands at the end");
	is_text(argv.word[99], "99%", "a formatted word");
	is_text(argv.word[100], "", "an empty word");

	argv_setf(&argv, 99, "%s, %d", argv.word[99], 1);
	is_text(argv.word[99], "99%, 1", "a word with another in its place");
	ok(argv.count == 101, "... is one word");

	argv_fini(&argv);
	ok(!argv.count && !argv.word, "empty again");
	argv_add(&argv, "x");
	is_text(show(&argv), "<x>", "used again");
	argv_fini(&argv);
}

static void test_split(void)
{
	static const struct {
		const char *text;
		const char *words; /* NULL: refused */
	} cases[] = {
		{ "", "" },
		{ "  \t ", "" },
		{ "a", "<a>" },
		{ "  a  b\tc ", "<a><b><c>" },
		{ "'a b' \"c d\"", "<a b><c d>" },
		{ "a'b c'd\"e f\"", "<ab cde f>" },
		{ "'' \"\" x", "<><><x>" },
		{ "'a\\b' \"a\\b\" a\\b", "<a\\b><a\\b><ab>" },
		{ "\"\\\"\\\\\\$\\`\"", "<\"\\$`>" },
		{ "a\\ b \\' \\\"", "<a b><'><\">" },
		{ "\"it's\" 'a \"b\"'", "<it's><a \"b\">" },
		{ "$HOME `id` * ~", "<$HOME><`id`><*><~>" },
		{ "# ; | & > <", "<#><;><|><&><>><<>" },
		{ "'", NULL },
		{ "a 'b", NULL },
		{ "a \"b", NULL },
		{ "\"a\\\"", NULL },
		{ "\"a\\", NULL },
		{ "a\\", NULL },
	};
	struct argv argv;
	const char *words;
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		words = cases[i].words;
		argv = (struct argv){};
		err = argv_split(&argv, cases[i].text);
		ok(err == (words ? 0 : -EINVAL), cases[i].text);
		is_text(show(&argv), words ? words : "", "... its words");
		argv_fini(&argv);
	}
}

static char *print(const struct argv *argv)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	argv_print(argv, out);
	fclose(out);
	return text;
}

static void test_print(void)
{
	struct argv argv = {}, back = {};
	char *text;
	int c;

	argv_add(&argv, "a=b");
	argv_add(&argv, "-M");
	argv_add(&argv, "q35,x=y");
	argv_add(&argv, "");
	argv_add(&argv, "it's");
	text = print(&argv);
	is_text(text, "'a=b' -M q35,x=y '' 'it'\\''s'", "quoted where needed");
	free(text);

	for (c = 1; c < 256; c++)
		argv_addf(&argv, "%c", c);
	text = print(&argv);
	ok(!argv_split(&back, text), "what is printed can be split");
	is_text(show(&back), show(&argv), "and gives the same words");
	free(text);
	argv_fini(&argv);
	argv_fini(&back);
}

int main(void)
{
	test_add();
	test_split();
	test_print();
	return tap_done();
}
