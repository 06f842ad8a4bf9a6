// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices that are folders: what their files say, and what is wrong in them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/macros.h"
#include "lib/str.h"
#include "test/lib/tap.h"
#include "vm/args/plan.h"

#define BASE "CONFIG_VM_Q35=y\nCONFIG_VM_CPUS=1\nCONFIG_VM_MEMORY=256\n" \
	     "CONFIG_VM_QEMU=qemu\n"

/* The words, each with a blank behind it, in memory that the next call reuses. */
static const char *show(const struct argv *argv)
{
	static char text[1000];
	size_t i, len = 0;

	text[0] = '\0';
	for (i = 0; i < argv->count; i++)
		len += snprintf(text + len, sizeof(text) - len, "%s ",
				argv->word[i]);
	return text;
}

static void test_read(void)
{
	struct catalog catalog;
	char *why = NULL;

	ok(catalog_parse(&catalog,
			 "device a-b devices/a-b/qemu\n"
			 "# a comment\n"
			 "\n"
			 "words\t-object 'x y' -device a-@BUS@\n"
			 "words\t-device b,n=@VM_N@\n"
			 "append\ta.b=@VM_N@\n"
			 "device c devices/c/qemu\n"
			 "arch\tx86_64 i386\n"
			 "unsaved\tis elsewhere", &why) == 0, "a catalog");
	ok(!why && catalog.count == 2, "... of two devices");
	is_text(catalog.device[0].symbol, "VM_A_B", "... with their symbols");
	is_text(show(&catalog.device[0].words),
		"-object x y -device a-@BUS@ -device b,n=@VM_N@ ",
		"... their words, of all lines");
	is_text(show(&catalog.device[0].append), "a.b=@VM_N@ ",
		"... the kernel's arguments");
	ok(!catalog.device[0].unsaved, "... the first can be saved");
	is_text(catalog.device[1].unsaved, "VM_C is elsewhere",
		"... the second not");
	ok(catalog_has_arch(&catalog.device[0], "arm"), "... the first is everywhere");
	ok(catalog_has_arch(&catalog.device[1], "i386") &&
	   !catalog_has_arch(&catalog.device[1], "arm"),
	   "... the second where it says");
	catalog_fini(&catalog);
}

static void test_refused(void)
{
	static const struct {
		const char *text;
		const char *sentence;
	} cases[] = {
		{ "words\t-a\n", "vm/devices:1: of no device: words\t-a" },
		{ "device a\n", "vm/devices:1: not `device NAME FILE': a" },
		{ "device a f\n\nwrods\t-a\n",
		  "f:2: none of words, words-MACHINE, append, unsaved, single and arch: wrods" },
		{ "device a f\nwords-x\t-a\n",
		  "f:1: none of words, words-MACHINE, append, unsaved, single and arch: words-x" },
		{ "device a f\nwords-q35\t'a\n",
		  "f:1: a quote without its partner, or a backslash at the end: 'a" },
		{ "device a f\nwords -a\n",
		  "f:1: no text, with a tab before it: words -a" },
		{ "device a f\nwords\t\n",
		  "f:1: no text, with a tab before it: words" },
		{ "device a f\nwords\t \t\n", "f:1: no word:  \t" },
		{ "device a f\nappend\t'a\n",
		  "f:1: a quote without its partner, or a backslash at the end: 'a" },
		{ "device a f\nwords\t-a b@c\n",
		  "f:1: @ is for @BUS@ or the @SYMBOL@ of an option: b@c" },
		{ "device a f\nwords\t@@\n",
		  "f:1: @ is for @BUS@ or the @SYMBOL@ of an option: @@" },
		{ "device a f\nwords\t-a\ndevice b g\nunsaved\tx\nunsaved\ty\n",
		  "g:2: a second reason: unsaved" },
	};
	struct catalog catalog;
	char *why;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		why = NULL;
		ok(catalog_parse(&catalog, cases[i].text, &why) == -EINVAL,
		   cases[i].sentence);
		is_text(why, cases[i].sentence, "... and this is said");
		free(why);
		catalog_fini(&catalog);
	}
}

/* The result of plan_init() for a catalog and lines of a configuration */
static int make_plan(struct plan *ret, const char *devices, const char *lines,
		     char **why)
{
	static struct processor processor;
	struct config *config;
	struct catalog catalog;
	int err;

	config = config_parse(lines);
	catalog_parse(&catalog, devices, why);
	if (!processor.count)
		processor_open(&processor, "recipes/processor/x86_64/values.mk",
			       why);
	err = plan_init(ret, config, "/lab", &processor, &catalog, NULL, why);
	catalog_fini(&catalog);
	/* What is looked at below is no part of it. */
	config_close(config);
	return err;
}

static void test_plan(void)
{
	static const char devices[] =
		"device a f\nwords\t-device a-@BUS@,n=@VM_N@,e=@VM_NONE@\nappend\tx=@VM_N@\nunsaved\tis a\n"
		"device b g\nwords\t-device b\nunsaved\tis b\n"
		"device c h\nwords\t-device c\narch\tarm\n";
	struct plan got;
	char *why = NULL;

	ok(make_plan(&got, devices, BASE "CONFIG_VM_A=y\nCONFIG_VM_N=5 'x\n", &why) == 0,
	   "a plan with a device");
	is_text(show(&got.folders.words), "-device a-pci,n=5 'x,e= ",
		"... has its words, the values as they are, and no others");
	is_text(show(&got.folders.append), "x=5 'x ", "... the kernel its own");
	is_text(got.folders.unsaved, "VM_A is a", "... and is not saved");
	plan_fini(&got);
	ok(make_plan(&got, devices, BASE "CONFIG_VM_A=y\nCONFIG_VM_B=y\n", &why) == 0,
	   "a plan with two");
	is_text(show(&got.folders.words), "-device a-pci,n=,e= -device b ",
		"... has them in the catalog's order");
	is_text(got.folders.unsaved, "VM_A is a", "... and the first reason");
	plan_fini(&got);
	ok(make_plan(&got, devices, BASE "CONFIG_VM_C=y\n", &why) == -EINVAL,
	   "a plan with a device of another architecture");
	is_text(why, "CONFIG_VM_C is a device that a machine of x86_64 cannot have",
		"... is refused");
	plan_fini(&got);
	free(why);
}

/* The words on a machine of this kind */
static void test_words_on(const char *machine, const char *words)
{
	static const char devices[] =
		"device a f\nwords\t-device a-@BUS@\n"
		"words-q35\t-device port,n=@VM_N@\nwords-q35\t-device a-@BUS@,on=port\n";
	char *lines = str_printf("CONFIG_VM_%s=y\nCONFIG_VM_CPUS=1\nCONFIG_VM_MEMORY=256\n"
				 "CONFIG_VM_QEMU=qemu\nCONFIG_VM_A=y\nCONFIG_VM_N=7\n", machine);
	struct plan got;
	char *why = NULL;

	ok(make_plan(&got, devices, lines, &why) == 0, machine);
	is_text(show(&got.folders.words), words, "... has its own words, or those of all");
	plan_fini(&got);
	free(lines);
	free(why);
}

static void test_machines(void)
{
	test_words_on("MICROVM", "-device a-device ");
	test_words_on("PC", "-device a-pci ");
	test_words_on("Q35", "-device port,n=7 -device a-pci,on=port ");
}

static void test_open(void)
{
	struct catalog catalog;
	char *why = NULL;

	ok(catalog_open(&catalog, "/nonexistent/devices", &why) == -ENOENT,
	   "a file that is not there");
	is_text(why, "/nonexistent/devices: No such file or directory; run `make` first",
		"... and what to do");
	catalog_fini(&catalog);
	free(why);
}

int main(void)
{
	test_read();
	test_refused();
	test_plan();
	test_machines();
	test_open();
	return tap_done();
}
