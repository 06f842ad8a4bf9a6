// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "step/count.h"
#include "test/lib/tap.h"

static struct count count(const char *text)
{
	struct count count = {};

	count_bytes(&count, text, strlen(text));
	return count;
}

static void is_unit(const char *line, const char *action)
{
	struct count one = count(line);
	char name[160];

	snprintf(name, sizeof(name), "a unit: %.*s", (int)strlen(line) - 1, line);
	ok(one.units == 1, name);
	is_text(one.action, action, "and what it makes");
}

static void is_no_unit(const char *line)
{
	char name[160];

	snprintf(name, sizeof(name), "no unit: %.*s", (int)strlen(line) - 1, line);
	ok(!count(line).units, name);
}

static void test_units(void)
{
	is_unit("  CC      kernel/fork.o\n", "CC kernel/fork.o");
	is_unit("  CC [M]  fs/foo.o\n", "CC [M] fs/foo.o");
	is_unit("  RUSTC L rust/core.o\n", "RUSTC L rust/core.o");
	is_unit("  RUSTC [M] kmod/foo.o\n", "RUSTC [M] kmod/foo.o");
	is_unit("  VDSO2C  arch/x86/vdso.c\n", "VDSO2C arch/x86/vdso.c");
	is_unit("  ASN.1   keys.[ch]\n", "ASN.1 keys.[ch]");
	is_unit("  SPLIT   a.h -> b/*\n", "SPLIT a.h");
	is_unit("# HOSTCC  scripts/kallsyms\n", "HOSTCC scripts/kallsyms");
	is_unit("  gcc -Os -c -o libbb/a.o libbb/a.c\n", "gcc libbb/a.o");
	is_unit("   ld -r -o tools/in.o a.o b.o\n", "ld tools/in.o");
	is_unit("  /opt/bin/aarch64-linux-gnu-gcc -c -o a.o a.c\n", "gcc a.o");
	is_unit("  rm -f lib.a; ar rcs lib.a a.o\n", "");
	is_unit("  CC      a\033[2Jb\302\265.o\n", "CC a?[2Jb??.o");
}

static void test_others(void)
{
	is_no_unit("\n");
	is_no_unit("CC foo.o\n");
	is_no_unit(" CC foo.o\n");
	is_no_unit("  CC\n");
	is_no_unit("  CC      \t\n");
	is_no_unit("  C foo\n");
	is_no_unit("  NOTE: read this\n");
	is_no_unit("  OVERLYLONGWORD foo\n");
	is_no_unit("  Building modules, stage 2.\n");
	is_no_unit("  115 | gcc\n");
	is_no_unit("      | gcc\n");
	is_no_unit("  gccgo of long ago\n");
	is_no_unit("# CONFIG_FOO is not set\n");
	is_no_unit("# cmd_gen_objtooldep init/main.o\n");
	is_no_unit("make[1]: Entering directory '/build'\n");
	is_no_unit("  CC      not/yet/complete.o");
}

static void test_announced(void)
{
	ok(count("# CC      a.o\n  gcc -c -o a.o a.c\n").units == 1,
	   "a command after its '#' line is not counted again");
	ok(count("# CC      a.o\n# CC      b.o\n"
		 "  gcc -c -o a.o a.c\n  gcc -c -o b.o b.c\n").units == 2,
	   "nor when the lines of two are mixed");
	ok(count("# cmd_x a.o\n   { echo ; } >> a\n  gcc -c -o b.o b.c\n").units == 1,
	   "a command without a name is none, the one after it is");
}

static void test_odd_bytes(void)
{
	static const char nul[] = "  CC      a\0b.o\n  LD      c.o\n";
	static char flood[3 << 20];
	struct count count = {};

	count_bytes(&count, nul, sizeof(nul) - 1);
	ok(count.units == 2, "a NUL does not hide the next line");

	memset(flood, 'x', sizeof(flood));
	count_bytes(&count, flood, sizeof(flood));
	count_bytes(&count, "\n  AR      d.a\n", 15);
	ok(count.units == 3, "nor does a line of megabytes");
	is_text(count.action, "AR d.a", "the latest one is known");
}

/* The units in a recorded output, given in pieces of so many bytes. */
static unsigned long count_file(const char *path, size_t piece)
{
	struct count count = {};
	FILE *file = fopen(path, "re");
	char *bytes = malloc(piece);
	size_t n;

	while (file && bytes && (n = fread(bytes, 1, piece, file)))
		count_bytes(&count, bytes, n);
	free(bytes);
	if (file)
		fclose(file);
	return count.units;
}

static void test_recorded(const char *quiet, const char *verbose)
{
	unsigned long v0 = count_file(quiet, 65536);
	unsigned long v1 = count_file(verbose, 65536);
	char name[160];

	snprintf(name, sizeof(name), "%s and V=1 differ by less than 3 in a hundred", quiet);
	if (!ok(v0 > 100 && labs((long)(v0 - v1)) * 100 < (long)v0 * 3, name))
		printf("# %lu and %lu\n", v0, v1);
	ok(count_file(quiet, 1) == v0 && count_file(verbose, 7) == v1,
	   "however the bytes arrive");
}

int main(void)
{
	test_units();
	test_others();
	test_announced();
	test_odd_bytes();
	test_recorded("src/test/corpus/step/kernel.v0", "src/test/corpus/step/kernel.v1");
	test_recorded("src/test/corpus/step/busybox.v0", "src/test/corpus/step/busybox.v1");
	return tap_done();
}
