// SPDX-License-Identifier: GPL-2.0-only
/*
 * Modules: what their files and /proc/modules tell, and who holds one.
 */
#include <errno.h>
#include <linux/elf.h>
#include <stdlib.h>

#include "lib/types.h"
#include "test/lib/tap.h"
#include "vm/client/holders.h"
#include "vm/client/module.h"

static const char info_texts[] = "license=GPL\0parmtype=who:charp\0"
	"parmtype=times:int\0depends=one,two\0name=a_b";
static const char names[] = "\0.modinfo\0.names";

/* A file with a .modinfo, and nothing else. */
struct image {
	struct elf64_hdr head;
	struct elf64_shdr sections[3];
	char info[sizeof(info_texts)];
	char names[sizeof(names)];
};

static void make_image(struct image *image)
{
	*image = (struct image){
		.head = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64 },
			.e_shoff = offsetof(struct image, sections),
			.e_shentsize = sizeof(struct elf64_shdr),
			.e_shnum = 3,
			.e_shstrndx = 2,
		},
		.sections = {
			[1] = {
				.sh_name = 1,
				.sh_type = SHT_PROGBITS,
				.sh_offset = offsetof(struct image, info),
				.sh_size = sizeof(info_texts),
			},
			[2] = {
				.sh_name = 10,
				.sh_type = SHT_STRTAB,
				.sh_offset = offsetof(struct image, names),
				.sh_size = sizeof(names),
			},
		},
	};
	memcpy(image->info, info_texts, sizeof(info_texts));
	memcpy(image->names, names, sizeof(names));
}

static void test_info(void)
{
	struct module_info info = {};
	struct image image;
	const char *type;

	make_image(&image);
	ok(!module_info_read(&info, &image, sizeof(image)), "a module");
	is_text(module_info_get(&info, "depends", NULL), "one,two",
		"... what it needs");
	is_text(module_info_get(&info, "name", NULL), "a_b", "... its name");
	type = module_info_get(&info, "parmtype", NULL);
	is_text(type, "who:charp", "... a parameter");
	type = module_info_get(&info, "parmtype", type);
	is_text(type, "times:int", "... another one");
	ok(!module_info_get(&info, "parmtype", type), "... and no more");
	ok(!module_info_get(&info, "lic", NULL), "a key is one as a whole");
	module_info_fini(&info);
}

/* No byte that is wrong, and no end, leads out of the file. */
static void test_broken(void)
{
	struct module_info info = {};
	struct image image;
	const size_t end = offsetof(struct image, names) + sizeof(names);
	size_t i, size;
	char *copy;
	int bad = 0;

	for (size = 0; size < end; size++) {
		make_image(&image);
		copy = malloc(size + 1);
		memcpy(copy, &image, size);
		if (!module_info_read(&info, copy, size))
			bad++;
		module_info_fini(&info);
		free(copy);
	}
	ok(!bad, "a file that was cut off is none");
	for (i = 0; i < 8 * sizeof(image); i++) {
		make_image(&image);
		((char *)&image)[i / 8] ^= 1 << i % 8;
		if (!module_info_read(&info, &image, sizeof(image)))
			module_info_get(&info, "none", NULL);
		module_info_fini(&info);
	}
	ok(true, "a flipped bit does no harm");
}

static void test_loaded(void)
{
	struct module_loaded *loaded;
	int count;

	count = module_loaded_read(&loaded,
				   "user 12288 0 - Live 0x0000000000000000 (O)\n"
				   "base 16384 2 user,other, Live 0x0 (O)\n");
	ok(count == 2 && !strcmp(loaded[1].name, "base") && loaded[1].refs == 2,
	   "loaded modules");
	ok(module_is_in(loaded[1].users, "user") &&
	   module_is_in(loaded[1].users, "other") &&
	   !module_is_in(loaded[1].users, "use") &&
	   !module_is_in(loaded[0].users, "user"), "... and who uses them");
	module_loaded_free(loaded, count);
	ok(module_loaded_read(&loaded, "../x 1 0 - Live\n") == -EBADMSG &&
	   module_loaded_read(&loaded, "x 1\n") == -EBADMSG &&
	   module_loaded_read(&loaded, "\n") == -EBADMSG,
	   "what a guest makes up is none");
}

static void test_names(void)
{
	char name[MODULE_NAME];

	module_name(name, "/lib/modules/6.12.1/updates/my-own.ko.xz");
	is_text(name, "my_own", "a file's name is the module's");
	ok(!module_is_name("a/b", 3) && !module_is_name("", 0), "no names");
}

#define PROCESSES "/proc/7 cat\n/proc/71 two words\n/proc/7/fd:\ntotal 0\n"
#define LINK "lrwx------ 1 0 0 64 Jan 1 00:00 "

static void holds(const char *name, const char *text, const char *want)
{
	char *found = holders_read(text, "my_mod");

	if (want)
		is_text(found, want, name);
	else
		ok(!found, name);
	free(found);
}

static void test_holders(void)
{
	holds("a file of its name", PROCESSES LINK "0 -> /dev/null\n" LINK
	      "3 -> /dev/my-mod0\n" LINK "4 -> /dev/other\n\n/proc/71/fd:\n",
	      "process 7 (cat) has /dev/my-mod0 open");
	holds("a device of another name, if there is none of its own",
	      PROCESSES LINK "1 -> /dev/ttyS0\n\n/proc/71/fd:\n" LINK
	      "3 -> /dev/other\n",
	      "process 71 (two words) has /dev/other open");
	holds("a mount", PROCESSES "none /mnt/x my_mod rw 0 0\n",
	      "it is mounted on /mnt/x");
	holds("nobody", PROCESSES LINK "1 -> pipe:[7]\n" LINK
	      "2 -> /dev/console\n", NULL);
	holds("what a terminal should not see", "/proc/7/fd:\n" LINK
	      "3 -> /dev/my_mod\033[2J\n",
	      "process 7 has /dev/my_mod?[2J open");
}

int main(void)
{
	test_info();
	test_broken();
	test_loaded();
	test_names();
	test_holders();
	return tap_done();
}
