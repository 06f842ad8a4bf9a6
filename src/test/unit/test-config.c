// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/config.h"
#include "test/lib/tap.h"

static void test_kinds(void)
{
	struct config *config = config_parse("#\n# Automatically generated\n#\n"
					     "\n"
					     "CONFIG_A=y\n"
					     "CONFIG_M=m\n"
					     "CONFIG_N=123\n"
					     "CONFIG_TEN=010\n"
					     "CONFIG_NEG=-5\n"
					     "CONFIG_HEX=0x10\n"
					     "CONFIG_BIG=99999999999999999999\n"
					     "CONFIG_S=two words\n"
					     "# CONFIG_OFF is not set\n"
					     "CONFIG_E=\n"
					     "CONFIG_N=124\n"
					     "CONFIG_LAST=no newline");
	long n = 7;

	ok(config_is_on(config, "A"), "y is on");
	ok(config_is_on(config, "M"), "m is on");
	ok(!config_is_on(config, "OFF"), "an option in a comment is off");
	ok(!config_is_on(config, "N"), "a number is not a yes");
	ok(!config_is_on(config, ""), "no name, no option");

	ok(!config_number(config, "N", &n) && n == 124, "the last line counts");
	ok(!config_number(config, "TEN", &n) && n == 10, "010 is ten");
	ok(!config_number(config, "NEG", &n) && n == -5, "negative number");
	ok(!config_number(config, "HEX", &n) && n == 16, "hexadecimal number");
	ok(config_number(config, "S", &n) == -EINVAL, "words are no number");
	ok(config_number(config, "E", &n) == -EINVAL, "nothing is no number");
	ok(config_number(config, "A", &n) == -EINVAL, "y is no number");
	ok(config_number(config, "OFF", &n) == -ENOENT, "no number is there");
	ok(config_number(config, "BIG", &n) == -ERANGE, "too large a number");
	ok(n == 16, "a failure leaves the result alone");

	is_text(config_text(config, "S"), "two words", "string");
	is_text(config_text(config, "E"), "", "empty string");
	is_text(config_text(config, "OFF"), "", "an option that is off");
	is_text(config_text(config, "LAST"), "no newline", "unfinished line");
	config_close(config);
}

static void test_free_text(void)
{
	struct config *config;

	config = config_parse("CONFIG_PW=$6$salt$hash#x\n"
			      "CONFIG_ARGS=\"a b\" 'c' \\d `e` \"f\"\n"
			      "CONFIG_WHOLE=\"all of it\"\n"
			      "CONFIG_EQ=a=b CONFIG_X=y\n"
			      "CONFIG_SP= before, after\t\n");
	is_text(config_text(config, "PW"), "$6$salt$hash#x", "$ and # survive");
	is_text(config_text(config, "ARGS"), "\"a b\" 'c' \\d `e` \"f\"",
		"quotes and backslashes survive");
	is_text(config_text(config, "WHOLE"), "\"all of it\"",
		"quotes around it all survive where strings are not quoted");
	is_text(config_text(config, "EQ"), "a=b CONFIG_X=y", "= survives");
	is_text(config_text(config, "SP"), " before, after\t",
		"blanks at the ends survive");
	config_close(config);
}

static void test_quoted(void)
{
	struct config *config;

	config = config_parse("CONFIG_A=y\n"
			      "CONFIG_N=5\n"
			      "CONFIG_S=\"say \\\"$HOME\\\" \\\\ #\"\n"
			      "CONFIG_E=\"\"\n");
	is_text(config_text(config, "S"), "say \"$HOME\" \\ #", "old form");
	is_text(config_text(config, "E"), "", "empty in the old form");
	ok(config_is_on(config, "A"), "y in a file of the old form");
	config_close(config);

	config = config_parse("CONFIG_S=\"a\" \"b\"\n");
	is_text(config_text(config, "S"), "\"a\" \"b\"",
		"two quoted words are not the old form");
	config_close(config);

	config = config_parse("CONFIG_S=\"\nCONFIG_T=\"\\\"\n");
	is_text(config_text(config, "S"), "\"", "a single quote");
	is_text(config_text(config, "T"), "\"\\\"", "an escaped last quote");
	config_close(config);
}

static void test_open(void)
{
	char path[] = "/tmp/test-config.XXXXXX";
	struct config *config = NULL;
	int fd, i;

	ok(config_open(&config, "/nonexistent") == -ENOENT, "no such file");
	ok(config_open(&config, "/") == -EISDIR, "a folder is no file");
	ok(!config, "a failed open leaves the result alone");

	fd = mkstemp(path);
	for (i = 0; i < 2000; i++)
		dprintf(fd, "CONFIG_OPTION_%d=%d\n", i, i * 2);
	close(fd);
	ok(config_open(&config, path) == 0, "a long file");
	is_text(config_text(config, "OPTION_1999"), "3998", "its last line");
	unlink(path);
	config_close(config);
	config_close(NULL);
}

int main(void)
{
	test_kinds();
	test_free_text();
	test_quoted();
	test_open();
	return tap_done();
}
