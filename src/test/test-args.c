// SPDX-License-Identifier: GPL-2.0-only
/*
 * Golden tests: src/test/args/NAME.conf is a configuration, NAME.argv the
 * command it gives, a word per line.  With /lab as the output directory, and
 * KVM where the configuration asks for it.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "../vm/args.h"
#include "../vm/args-device.h"
#include "../vm/args-root.h"
#include "config.h"
#include "file.h"
#include "str.h"
#include "tap.h"

#define BASE "CONFIG_VM_MICROVM=y\nCONFIG_VM_CPUS=1\nCONFIG_VM_MEMORY=256\n" \
	     "CONFIG_VM_QEMU=qemu\n"

#define RUN { .qmp = "socket,fd=5", .agent = "socket,fd=6", .gdb = "socket,fd=7" }

/* The words, one per line. */
static char *join(const struct argv *argv)
{
	char *text = NULL;
	size_t i, size;
	FILE *out = open_memstream(&text, &size);

	for (i = 0; i < argv->count; i++)
		fprintf(out, "%s\n", argv->word[i]);
	fclose(out);
	return text;
}

static void test_golden(const char *conf)
{
	struct config *config = NULL;
	struct argv argv = {};
	char *path, *want, *got;
	struct args_run run = RUN;
	char *why = NULL;

	path = str_printf("%.*s.argv", (int)(strlen(conf) - 5), conf);
	if (file_read(&want, path) < 0)
		want = NULL;
	if (!ok(config_open(&config, conf) == 0, conf))
		goto out_free;

	run.kvm = config_is_on(config, "VM_ACCEL_KVM");
	ok(args_machine(&argv, config, "/lab", &run, &why) == 0, "... accepted");
	got = join(&argv);
	is_text(got, want, path);
	free(got);
	free(why);
	argv_fini(&argv);
	config_close(config);
out_free:
	free(want);
	free(path);
}

static void test_all_golden(void)
{
	glob_t found;
	size_t i;

	ok(glob("src/test/args/*.conf", 0, NULL, &found) == 0,
	   "there are examples in src/test/args");
	for (i = 0; i < found.gl_pathc; i++)
		test_golden(found.gl_pathv[i]);
	globfree(&found);
}

static void test_refused(const char *text, const char *sentence)
{
	const struct args_run run = RUN;
	struct config *config = NULL;
	struct argv argv = {};
	char *why = NULL;

	config_parse(&config, text);
	ok(args_machine(&argv, config, "/lab", &run, &why) == -EINVAL,
	   sentence);
	is_text(why, sentence, "... and this is said");
	free(why);
	argv_fini(&argv);
	config_close(config);
}

static void test_command(void)
{
	struct args_run run = RUN;
	struct config *config = NULL;
	struct argv argv = {};
	char *why = NULL;
	char *got;

	run.no_init = true;
	run.append = "nosmp";
	config_parse(&config, BASE "CONFIG_VM_APPEND=quiet\n");
	ok(args_machine(&argv, config, "/lab", &run, &why) == 0,
	   "a machine for a command");
	got = join(&argv);
	ok(got && strstr(got, " KILN_INIT=none quiet nosmp\n"),
	   "... has no init of the root; the user's words come last");
	free(got);
	argv_fini(&argv);
	config_close(config);
}

static void test_memory(void)
{
	struct args_run run = RUN;
	struct config *config = NULL;
	struct argv argv = {};
	char *why = NULL;
	char *got;

	run.memory = "/file";
	config_parse(&config, BASE);
	ok(args_machine(&argv, config, "/lab", &run, &why) == 0,
	   "a machine whose memory is a file");
	got = join(&argv);
	ok(got && strstr(got, "\nmicrovm,acpi=off,rtc=on,memory-backend=memory\n") &&
	   strstr(got, "\nmemory-backend-file,id=memory,size=256M,mem-path=/file,share=on\n"),
	   "... shares it");
	ok(got && !strstr(got, "-incoming"), "... and boots");
	free(got);
	argv_fini(&argv);

	run.is_saved = true;
	ok(args_machine(&argv, config, "/lab", &run, &why) == 0,
	   "a machine that was saved");
	got = join(&argv);
	ok(got && strstr(got, ",mem-path=/file,share=off\n"),
	   "... leaves it as it is");
	ok(got && strstr(got, "\n-incoming\ndefer\n"), "... and goes on");
	free(got);
	argv_fini(&argv);
	config_close(config);
}

static void test_unsaved(void)
{
	static const struct {
		const char *args;
		const char *word;
	} cases[] = {
		{ "", "nothing" },
		{ "-name m -device virtio-balloon-device", "nothing" },
		{ "-name x -drive if=none,file=a", "-drive" },
		{ "--drive file=a", "--drive" },
		{ "-virtfs local", "-virtfs" },
		{ "-name m -m 512", "-m" },
		{ "-S", "-S" },
		{ "-fw_cfg 'name=a,file=/a b'", "name=a,file=/a b" },
	};
	struct config *config;
	char *text, *word;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		text = str_printf(BASE "CONFIG_VM_QEMU_ARGS=%s\n", cases[i].args);
		config = NULL;
		config_parse(&config, text);
		word = args_unsaved(config);
		is_text(word ? word : "nothing", cases[i].word,
			"what forbids to save a machine");
		free(word);
		free(text);
		config_close(config);
	}
}

static void test_namespace(void)
{
	struct args_run run = RUN;
	struct config *config = NULL;
	struct argv argv = {};
	char *why = NULL;

	run.is_root = true;
	config_parse(&config, BASE "CONFIG_ROOTFS_DEBIAN=y\nCONFIG_ROOTFS_IS_9P=y\n"
		     "CONFIG_ROOTFS_INIT=shell\n");
	ok(args_machine(&argv, config, "/lab", &run, &why) == 0,
	   "root's machine with a Debian root");
	is_text(argv.word[0], "qemu", "... needs no namespace");
	argv_fini(&argv);
	config_close(config);
}

static void test_root_unsaved(void)
{
	struct config *config = NULL;

	config_parse(&config, BASE "CONFIG_ROOTFS_INITRAMFS=y\n");
	ok(!args_root_unsaved(config), "a machine in its initramfs is saved");
	config_close(config);
	config_parse(&config, BASE "CONFIG_ROOTFS_IS_DISK=y\n");
	is_text(args_root_unsaved(config),
		"the root is not loaded with the kernel",
		"... not one on a disk");
	config_close(config);
	config_parse(&config, BASE "CONFIG_VM_KMOD=y\n");
	ok(!args_root_unsaved(config),
	   "... as is one with a folder of the host, which is mounted later");
	config_close(config);
}

#define FORWARD(word) "CONFIG_VM_NET_FORWARD: `" word \
	"' is not 2222:22 or udp:5353:53, two ports from 1 to 65535"
#define OPTION(list, word) "CONFIG_VM_" list ": `" word \
	"' is none of size=64M, kept, ro, discard, qcow2 and serial=NAME"
#define FOLDERS(word) "CONFIG_VM_SHARES: `" word \
	"' is not /folder/of/the/host,/folder/in/the/guest with or without ,rw"

/* What a device's list says that cannot be had. */
static void test_devices_refused(void)
{
	static const struct {
		const char *line;
		const char *sentence;
	} cases[] = {
		{ "NET_FORWARD=22", FORWARD("22") },
		{ "NET_FORWARD=1:65536", FORWARD("1:65536") },
		{ "NET_FORWARD=1:2,x", FORWARD("1:2,x") },
		{ "PORTS=a,b",
		  "CONFIG_VM_PORTS: `a,b' is no name of letters, digits, dots and dashes" },
		{ "PORTS=../x",
		  "CONFIG_VM_PORTS: `../x' is no name of letters, digits, dots and dashes" },
		{ "DISKS=a",
		  "CONFIG_VM_DISKS: a is to be made, and its size is not given (,size=64M)" },
		{ "DISKS=/a,size=1M",
		  "CONFIG_VM_DISKS: /a is a file of yours, whose size is not ours to choose" },
		{ "DISKS=a,size=0", OPTION("DISKS", "size=0") },
		{ "DISKS=a,size=1M,", OPTION("DISKS", "") },
		{ "DISKS=/a,serial=b,serial=c", OPTION("DISKS", "serial=c") },
		{ "DISKS=a/b,size=1M",
		  "CONFIG_VM_DISKS: `a/b' is neither a name nor an absolute path" },
		{ "DISKS=a,size=1M,qcow2",
		  "CONFIG_VM_DISKS: a is made without qcow2" },
		{ "DISKS_NVME=/a,keep", OPTION("DISKS_NVME", "keep") },
		{ "DISKS_SCSI='/a",
		  "CONFIG_VM_DISKS_SCSI has a quote without its partner, or ends in a backslash: '/a"
		},
		{ "SHARES=/a", FOLDERS("/a") },
		{ "SHARES=a,/b", FOLDERS("a,/b") },
		{ "SHARES=/a,/", FOLDERS("/a,/") },
		{ "SHARES=/a,/b,wr", FOLDERS("/a,/b,wr") },
		{ "SHARES=/a,/1 /a,/2 /a,/3 /a,/4 /a,/5 /a,/6 /a,/7",
		  "microvm has room for 8 virtio devices and this machine has 9; choose q35 in the menu (CONFIG_VM_Q35)"
		},
	};
	char *text;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		text = str_printf(BASE "CONFIG_VM_NET=y\nCONFIG_VM_%s\n",
				  cases[i].line);
		test_refused(text, cases[i].sentence);
		free(text);
	}
}

static void test_device_unsaved(void)
{
	struct config *config = NULL;

	config_parse(&config, BASE "CONFIG_VM_RNG=y\nCONFIG_VM_BALLOON=y\n"
		     "CONFIG_VM_DISKS=\nCONFIG_VM_PORTS=a\n");
	ok(!args_device_unsaved(config), "devices of QEMU alone are saved");
	config_close(config);
	config_parse(&config, BASE "CONFIG_VM_DISKS=a,size=1M\n");
	is_text(args_device_unsaved(config), "VM_DISKS has files of the host",
		"... not a disk");
	config_close(config);
	config_parse(&config, BASE "CONFIG_VM_EDU=y\n");
	is_text(args_device_unsaved(config),
		"VM_EDU has a device whose state QEMU cannot save",
		"... not edu");
	config_close(config);
}

static void test_trial(void)
{
	struct config *config = NULL;
	struct argv argv = {};
	char *why = NULL;
	char *got;

	config_parse(&config, BASE "CONFIG_VM_NET=y\nCONFIG_VM_APPEND=quiet\n"
		     "CONFIG_VM_QEMU_ARGS=-S\n");
	ok(args_trial(&argv, config, "/lab", &why) == 0, "a trial of KVM");
	got = join(&argv);
	is_text(got, "qemu\n-nodefaults\n-no-user-config\n-display\nnone\n"
		"-no-reboot\n-M\nmicrovm,acpi=off,rtc=on\n"
		"-global\nvirtio-mmio.force-legacy=false\n-accel\nkvm\n"
		"-cpu\nhost\n-kernel\n/lab/linux/vmlinux.stripped\n"
		"-append\nconsole=ttyS0 quiet panic=-1 reboot=t\n"
		"-serial\nstdio\n",
		"... has no initramfs and nothing of the user's");
	free(got);
	argv_fini(&argv);
	config_close(config);
}

int main(void)
{
	test_all_golden();
	test_command();
	test_memory();
	test_unsaved();
	test_namespace();
	test_root_unsaved();
	test_devices_refused();
	test_device_unsaved();
	test_trial();
	test_refused(BASE "CONFIG_VM_QEMU_ARGS=-name \"a\n",
		     "CONFIG_VM_QEMU_ARGS has a quote without its partner, or ends in a backslash: -name \"a");
	test_refused("CONFIG_VM_CPUS=1\nCONFIG_VM_MEMORY=256\nCONFIG_VM_QEMU=\n",
		     "CONFIG_VM_QEMU names no program");
	test_refused("CONFIG_VM_MEMORY=256\nCONFIG_VM_QEMU=q\n",
		     "CONFIG_VM_CPUS is not a number");
	test_refused("CONFIG_VM_CPUS=1\nCONFIG_VM_MEMORY=y\nCONFIG_VM_QEMU=q\n",
		     "CONFIG_VM_MEMORY is not a number");
	test_refused(BASE "CONFIG_ROOTFS_IS_9P=y\nCONFIG_ROOTFS_INIT=/bin/sh -x\n",
		     "CONFIG_ROOTFS_INIT is neither `shell' nor the path of a program: /bin/sh -x");
	test_refused(BASE "CONFIG_ROOTFS_FILE=y\nCONFIG_ROOTFS_IS_DISK=y\n"
		     "CONFIG_ROOTFS_INIT=shell\nCONFIG_ROOTFS_DISK_ROOT=/dev/sd a\n",
		     "CONFIG_ROOTFS_DISK_ROOT is neither /dev/NAME, LABEL=... nor UUID=...: /dev/sd a");
	return tap_done();
}
