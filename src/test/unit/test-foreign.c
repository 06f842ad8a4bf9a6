// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernels from elsewhere, as src/test/fake/kernel makes them: what is read out of their
 * files and found beside these, and that no broken file is read beyond its end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/config.h"
#include "lib/file.h"
#include "lib/str.h"
#include "test/lib/tap.h"
#include "vm/foreign/elf.h"
#include "vm/foreign/foreign.h"
#include "vm/foreign/image.h"

#define FAKE "src/test/fake/kernel "

static char *dir; /* ours */

/* A function of the shell that prints a configuration */
#define CONF "conf() { printf '# Linux/x86 6.1 Kernel Configuration\\nCONFIG_IT=%%s\\n' $1; }"

/* Run a line of the shell in which $D is our folder. */
static void shell(const char *line)
{
	char *text = str_printf("D=%s; " CONF "; %s", dir, line);

	if (system(text))
		ok(false, line);
	free(text);
}

static const struct foreign_kind pc = { "x86_64", "", "arch/x86/boot/bzImage" };
static const struct foreign_kind arm = { "arm64", "41524d64", "arch/arm64/boot/Image" };
static const struct foreign_kind *kind = &pc; /* that the kernels are to be */

/* What is known of the kernel FILE with MODULES, both in our folder. */
static int look(struct foreign *ret, char **why, const char *file,
		const char *modules)
{
	char *path = str_printf("%s/%s", dir, file);
	char *folder = modules ? str_printf("%s/%s", dir, modules) : NULL;
	int err;

	*why = NULL;
	err = foreign_init(ret, path, folder, kind, why);
	free(folder);
	free(path);
	return err;
}

/* The end of a path in our folder */
static const char *in_dir(const char *path)
{
	size_t len = strlen(dir) + 1;

	return !path ? "nothing" : strlen(path) < len ? path : path + len;
}

/* All that was found: the release, the configuration and where that was, vmlinux */
static void test_found(const char *file, const char *want)
{
	struct foreign foreign;
	const char *of;
	char *why, *got;

	ok(look(&foreign, &why, file, NULL) == 0, file);
	of = foreign.config_of;
	got = str_printf("%s, %s of %s, %s", foreign.release,
			 foreign.config ? config_text(foreign.config, "IT") : "none",
			 of && *of != '/' ? of : in_dir(of),
			 in_dir(foreign.vmlinux));
	is_text(got, want, "... is read, and what is beside it found");
	foreign_fini(&foreign);
	free(got);
	free(why);
}

/* A program that this machine lacks makes no kernel either. */
static void test_way(const char *program)
{
	char *make = str_printf(FAKE "bzimage 6.1 $D/own '%s' >$D/way", program);
	char *ask = str_printf("command -v %s >/dev/null", program);
	struct foreign foreign;
	char *why;

	if (!system(ask)) {
		shell(make);
		ok(look(&foreign, &why, "way", NULL) == 0 && foreign.config,
		   program);
		foreign_fini(&foreign);
		free(why);
	}
	free(ask);
	free(make);
}

static void test_all_ways(void)
{
	test_way("gzip");
	test_way("xz");
	test_way("zstd");
	test_way("bzip2");
	test_way("lzma");
	test_way("lz4 -l");
	test_way("lzop");
}

static void test_places(void)
{
	shell("conf own >$D/own; mkdir -p $D/a/arch/x86/boot $D/b $D/c");
	shell(FAKE "bzimage 6.1-x+ $D/own >$D/b/vmlinuz");
	test_found("b/vmlinuz", "6.1-x+, own of its IKCONFIG, nothing");
	shell(FAKE "vmlinux 6.1-x+ $D/own >$D/b/vmlinux");
	test_found("b/vmlinux", "6.1-x+, own of its IKCONFIG, b/vmlinux");
	test_found("b/vmlinuz", "6.1-x+, own of its IKCONFIG, b/vmlinux");
	shell(FAKE "vmlinux 6.2 >$D/b/vmlinux");
	test_found("b/vmlinuz", "6.1-x+, own of its IKCONFIG, nothing");
	shell(FAKE "vmlinux 6.1-x+ >$D/b/vmlinux-6.1-x+");
	test_found("b/vmlinuz", "6.1-x+, own of its IKCONFIG, b/vmlinux-6.1-x+");

	shell(FAKE "bzimage 6.1-x+ >$D/c/vmlinuz");
	test_found("c/vmlinuz", "6.1-x+, none of nothing, nothing");
	shell("conf other >$D/c/config-6.1; echo CONFIG_IT=x >$D/c/config");
	test_found("c/vmlinuz", "6.1-x+, none of nothing, nothing");
	shell("conf boot >$D/c/config-6.1-x+");
	test_found("c/vmlinuz", "6.1-x+, boot of c/config-6.1-x+, nothing");
	shell("conf dot >$D/c/.config");
	test_found("c/vmlinuz", "6.1-x+, dot of c/.config, nothing");

	shell("cp $D/c/vmlinuz $D/a/arch/x86/boot/bzImage; cp $D/c/.config $D/a");
	shell("cp $D/b/vmlinux-6.1-x+ $D/a/vmlinux");
	test_found("a/arch/x86/boot/bzImage", "6.1-x+, dot of a/.config, a/vmlinux");
}

static void test_modules(const char *modules, const char *found)
{
	struct foreign foreign;
	char *why;
	int err = look(&foreign, &why, "c/vmlinuz", modules);

	ok(!err == !!strcmp(found, "nothing"), modules);
	is_text(in_dir(foreign.modules), found, "... the folder of the release");
	foreign_fini(&foreign);
	free(why);
}

static void test_all_modules(void)
{
	shell("mkdir -p $D/m/lib/modules/6.1-x+ $D/u/usr/lib/modules/6.1-x+");
	shell("mkdir -p $D/o/lib/modules/6.1");
	test_modules("m", "m/lib/modules/6.1-x+");
	test_modules("m/lib/modules", "m/lib/modules/6.1-x+");
	test_modules("m/lib/modules/6.1-x+", "m/lib/modules/6.1-x+");
	test_modules("u", "u/usr/lib/modules/6.1-x+");
	test_modules("o", "nothing");
	test_modules("o/lib/modules/6.1", "nothing");
	test_modules("nowhere", "nothing");
}

static void test_refused(const char *file, const char *sentence)
{
	struct foreign foreign;
	char *want = str_printf("%s/%s%s", dir, file, sentence);
	char *why;

	ok(look(&foreign, &why, file, NULL) < 0, file);
	is_text(why ? why : "", want, "... and this is said");
	foreign_fini(&foreign);
	free(want);
	free(why);
}

static void test_all_refused(void)
{
	test_refused("none", ": No such file or directory");
	test_refused("b", ": Is a directory");
	shell(": >$D/empty; echo text >$D/text; mkfifo $D/fifo");
	test_refused("empty", " is neither a bzImage nor a vmlinux for x86-64");
	test_refused("text", " is neither a bzImage nor a vmlinux for x86-64");
	test_refused("fifo", " is neither a bzImage nor a vmlinux for x86-64");
	shell(FAKE "elf 6.1 >$D/elf");
	test_refused("elf",
		     " is a vmlinux without a PVH entry (CONFIG_PVH), which QEMU cannot start; give the bzImage of that kernel");
	shell("cp $D/b/vmlinuz $D/i386");
	shell("printf '\\0' | dd of=$D/i386 bs=1 seek=566 conv=notrunc 2>$D/null");
	test_refused("i386", " is neither a bzImage nor a vmlinux for x86-64");
	shell(FAKE "bzimage ../6.1 >$D/odd");
}

/* The same for a processor whose kernels are in an Image */
static void test_bare(void)
{
	struct foreign foreign;
	char *why;

	kind = &arm;
	shell("mkdir -p $D/i/arch/arm64/boot; conf own >$D/i/.config");
	shell(FAKE "image 6.1-i >$D/i/arch/arm64/boot/Image");
	/* With as many bytes as an ID has */
	shell(FAKE "image 6.1-abcdefghijklmnop $D/own >$D/Image");
	shell(FAKE "vmlinux 6.1-abcdefghijklmnop >$D/vmlinux");
	test_found("i/arch/arm64/boot/Image", "6.1-i, own of i/.config, nothing");
	test_found("Image", "6.1-abcdefghijklmnop, own of its IKCONFIG, vmlinux");
	ok(look(&foreign, &why, "Image", NULL) == 0 &&
	   foreign.memory == 3 << 20, "... and what it takes of the memory");
	foreign_fini(&foreign);
	test_refused("b/vmlinuz", " is no Image for arm64");
	test_refused("empty", " is no Image for arm64");
	kind = &pc;
	test_refused("Image", " is neither a bzImage nor a vmlinux for x86-64");
}

/* A release becomes part of paths. */
static void test_odd_release(void)
{
	struct foreign foreign;
	char *why;

	ok(look(&foreign, &why, "odd", NULL) == 0, "a release that is a path");
	ok(!foreign.release, "... is none");
	foreign_fini(&foreign);
	free(why);
}

/* Each beginning of a vmlinux, at the end of its memory for the sanitizer to see. */
static void test_cut(void)
{
	char *path = str_printf("%s/b/vmlinux", dir);
	struct span whole, cut;
	size_t found = 0;
	char *copy;

	ok(image_map(&whole, path) == 0, "a vmlinux");
	for (cut.size = 1; cut.size <= whole.size; cut.size++) {
		copy = malloc(cut.size);
		memcpy(copy, whole.bytes, cut.size);
		cut.bytes = copy;
		found += elf_note(cut, ELF_PVH_ENTRY).size != 0;
		found += !!elf_behind(cut, "Linux version ").bytes;
		free(copy);
	}
	ok(found > 1 && found < whole.size, "... which may be cut off anywhere");
	image_unmap(whole);
	free(path);
}

int main(void)
{
	char name[] = "/tmp/test-foreign-XXXXXX";

	dir = mkdtemp(name);
	if (!dir)
		return 1;
	test_places();
	test_all_ways();
	test_all_modules();
	test_all_refused();
	test_bare();
	test_odd_release();
	test_cut();
	shell("rm -rf $D");
	return tap_done();
}
