// SPDX-License-Identifier: GPL-2.0-only
/*
 * Golden tests: src/test/corpus/args/NAME.conf is a configuration, NAME.argv the
 * command it gives, a word per line.  With /lab as the output directory, and
 * KVM where the configuration asks for it.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/config.h"
#include "lib/file.h"
#include "lib/macros.h"
#include "lib/str.h"
#include "test/lib/tap.h"
#include "vm/args/args.h"
#include "vm/args/device.h"
#include "vm/args/root.h"

#define BASE "CONFIG_VM_MICROVM=y\nCONFIG_VM_CPUS=1\nCONFIG_VM_MEMORY=256\n" \
	     "CONFIG_VM_QEMU=qemu\n"

/* The devices of recipes/vm/devices, as make joins them */
static struct catalog catalog;

static void read_catalog(void)
{
	char *text = NULL, *part, *why = NULL;
	size_t i, size;
	glob_t found;
	FILE *out = open_memstream(&text, &size);

	ok(glob("recipes/vm/devices/*/qemu", 0, NULL, &found) == 0,
	   "there are devices in recipes/vm/devices");
	for (i = 0; i < found.gl_pathc; i++) {
		file_read(&part, found.gl_pathv[i]);
		fprintf(out, "device %.*s %s\n%s",
			(int)strcspn(found.gl_pathv[i] + 19, "/"),
			found.gl_pathv[i] + 19, found.gl_pathv[i], part);
		free(part);
	}
	fclose(out);
	ok(catalog_parse(&catalog, text, &why) == 0, "... all well written");
	is_text(why ? why : "", "", "... so that nothing is said");
	ok(catalog.count == found.gl_pathc, "... and read");
	free(why);
	free(text);
	globfree(&found);
}

/* What there is for the configuration's processor, as make hands it to the lab */
static const struct processor *processor_of(const struct config *config)
{
	static struct processor all[3];
	static size_t count;
	const char *name = config_text(config, "LINUX_ARCH");
	char *path, *why = NULL;
	size_t i;

	name = *name ? name : "x86_64";
	for (i = 0; i < count; i++)
		if (!strcmp(processor_text(&all[i], "name"), name))
			return &all[i];
	path = str_printf("recipes/processor/%s/values.mk", name);
	ok(count < ARRAY_SIZE(all) &&
	   processor_open(&all[count++], path, &why) == 0, path);
	is_text(why ? why : "", "", "... is well written");
	free(path);
	return &all[i];
}

/* A configuration, its plan and its command */
struct machine {
	struct config *config;
	struct plan plan;
	struct args args;
	char *why;
};

static int machine_open(struct machine *ret, struct config *config,
			const struct args_run *run)
{
	static const char *const ends[] = {
		[ARGS_QMP] = "socket,fd=5",
		[ARGS_AGENT] = "socket,fd=6",
		[ARGS_GDB] = "socket,fd=7",
	};
	const struct processor *processor;
	int i, err;

	*ret = (struct machine){ .config = config };
	processor = processor_of(config);
	err = plan_init(&ret->plan, config, "/lab", processor, &catalog, NULL,
			&ret->why);
	if (!err)
		err = args_machine(&ret->args, &ret->plan, run, &ret->why);
	for (i = 0; i < ARGS_CHANNELS && !err; i++)
		args_connect(&ret->args, i, ends[i]);
	return err;
}

static int machine_parse(struct machine *ret, const char *text,
			 const struct args_run *run)
{
	struct config *config;

	config = config_parse(text);
	return machine_open(ret, config, run);
}

static void machine_close(struct machine *machine)
{
	free(machine->why);
	argv_fini(&machine->args.argv);
	plan_fini(&machine->plan);
	config_close(machine->config);
}

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
	struct args_run run = {};
	struct config *config;
	struct machine machine;
	char *path, *want, *got;

	path = str_printf("%.*s.argv", (int)(strlen(conf) - 5), conf);
	if (file_read(&want, path) < 0)
		want = NULL;
	if (!ok(config_open(&config, conf) == 0, conf))
		goto out_free;

	run.kvm = config_is_on(config, "VM_ACCEL_KVM");
	ok(machine_open(&machine, config, &run) == 0, "... accepted");
	got = join(&machine.args.argv);
	is_text(got, want, path);
	free(got);
	machine_close(&machine);
out_free:
	free(want);
	free(path);
}

static void test_all_golden(void)
{
	glob_t found;
	size_t i;

	ok(glob("src/test/corpus/args/*.conf", 0, NULL, &found) == 0,
	   "there are examples in src/test/corpus/args");
	for (i = 0; i < found.gl_pathc; i++)
		test_golden(found.gl_pathv[i]);
	globfree(&found);
}

static void test_refused(const char *text, const char *sentence)
{
	const struct args_run run = {};
	struct machine machine;

	ok(machine_parse(&machine, text, &run) == -EINVAL, sentence);
	is_text(machine.why, sentence, "... and this is said");
	machine_close(&machine);
}

static void test_command(void)
{
	const struct args_run run = { .no_init = true, .append = "nosmp" };
	struct machine machine;
	char *got;

	ok(machine_parse(&machine, BASE "CONFIG_VM_APPEND=quiet\n", &run) == 0,
	   "a machine for a command");
	got = join(&machine.args.argv);
	ok(got && strstr(got, " KILN_INIT=none quiet nosmp\n"),
	   "... has no init of the root; the user's words come last");
	free(got);
	machine_close(&machine);
}

static void test_memory(bool is_saved)
{
	const struct args_run run = {};
	struct machine machine;
	char *got;

	ok(machine_parse(&machine, BASE, &run) == 0, is_saved ?
	   "a machine that was saved" : "a machine whose memory is a file");
	args_set_memory(&machine.args, &machine.plan, "/file", is_saved);
	got = join(&machine.args.argv);
	ok(got && strstr(got, "\nmicrovm,acpi=off,rtc=on,memory-backend=memory\n"),
	   "... is of the machine");
	ok(got && strstr(got, is_saved ?
			 "\nmemory-backend-file,id=memory,size=256M,mem-path=/file,share=off\n" :
			 "\nmemory-backend-file,id=memory,size=256M,mem-path=/file,share=on\n"),
	   is_saved ? "... and left as it is" : "... and shared");
	ok(got && !strstr(got, "\n-incoming\ndefer\n") == !is_saved,
	   is_saved ? "... and it goes on" : "... and it boots");
	free(got);
	machine_close(&machine);
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
	const struct args_run run = {};
	struct machine machine;
	const char *word;
	char *text;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		text = str_printf(BASE "CONFIG_VM_QEMU_ARGS=%s\n", cases[i].args);
		machine_parse(&machine, text, &run);
		word = args_unsaved(&machine.plan);
		is_text(word ? word : "nothing", cases[i].word,
			"what forbids to save a machine");
		free(text);
		machine_close(&machine);
	}
}

static void test_namespace(void)
{
	const struct args_run run = { .is_root = true };
	struct machine machine;

	ok(machine_parse(&machine, BASE
			 "CONFIG_ROOTFS_DEBIAN=y\nCONFIG_ROOTFS_IS_9P=y\n"
			 "CONFIG_ROOTFS_INIT=shell\n", &run) == 0,
	   "root's machine with a Debian root");
	is_text(machine.args.argv.word[0], "qemu", "... needs no namespace");
	machine_close(&machine);
}

static void test_root_unsaved(const char *text, const char *sentence)
{
	const struct args_run run = {};
	struct machine machine;
	const char *why;

	ok(machine_parse(&machine, text, &run) == 0, "a machine with a root");
	why = args_root_unsaved(&machine.plan);
	is_text(why ? why : "nothing", sentence,
		"... what of the root forbids to save it");
	machine_close(&machine);
}

static void test_roots_unsaved(void)
{
	test_root_unsaved(BASE "CONFIG_ROOTFS_INITRAMFS=y\n", "nothing");
	test_root_unsaved(BASE "CONFIG_ROOTFS_IS_DISK=y\nCONFIG_ROOTFS_INIT=shell\n"
			  "CONFIG_ROOTFS_DISK_ROOT=/dev/vda\n",
			  "the root is not loaded with the kernel");
	test_root_unsaved(BASE "CONFIG_ROOTFS_IS_CPIO=y\nCONFIG_ROOTFS_INIT=/init\n",
			  "nothing");
	test_root_unsaved(BASE "CONFIG_ROOTFS_IS_CPIO=y\nCONFIG_ROOTFS_INIT=/init\n"
			  "CONFIG_ROOTFS_INIT_ALWAYS=y\n",
			  "its init runs (ROOTFS_INIT_ALWAYS)");
	/* A folder of the host is mounted later. */
	test_root_unsaved(BASE "CONFIG_VM_KMOD=y\n", "nothing");
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
		  "CONFIG_VM_DISKS: /a is an existing file, whose size cannot be chosen" },
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

static void test_device_unsaved(const char *text, const char *sentence)
{
	const struct args_run run = {};
	struct machine machine;
	const char *why;

	ok(machine_parse(&machine, text, &run) == 0, "a machine with devices");
	why = args_device_unsaved(&machine.plan);
	is_text(why ? why : "nothing", sentence,
		"... which of them forbids to save it");
	machine_close(&machine);
}

static void test_devices_unsaved(void)
{
	test_device_unsaved(BASE "CONFIG_VM_RNG=y\nCONFIG_VM_BALLOON=y\n"
			    "CONFIG_VM_DISKS=\nCONFIG_VM_PORTS=a\n", "nothing");
	test_device_unsaved(BASE "CONFIG_VM_DISKS=a,size=1M\n",
			    "VM_DISKS has files of the host");
	test_device_unsaved(BASE "CONFIG_VM_EDU=y\n",
			    "VM_EDU has a device whose state QEMU cannot save");
}

/* Does the guest have folders of the host? */
static void test_shares(const char *text, bool has_shares)
{
	const struct args_run run = {};
	struct machine machine;

	ok(machine_parse(&machine, text, &run) == 0, "a machine");
	ok(plan_has_shares(&machine.plan) == has_shares, has_shares ?
	   "... has folders of the host" : "... has no folder of the host");
	machine_close(&machine);
}

/* A kernel from elsewhere, in a lab whose machine is another one */
static void test_foreign(const char *text, const char *modules, const char *words)
{
	const struct foreign foreign = { .path = (char *)"/there/vmlinuz, 1",
					 .release = (char *)"6.1-x",
					 .modules = (char *)modules };
	struct config *config = config_parse(text);
	const struct args_run run = { .no_init = true };
	char *got, *why = NULL;
	struct args args = {};
	struct plan plan;

	ok(plan_init(&plan, config, "/lab", processor_of(config),
		     &catalog, &foreign, &why) == 0 &&
	   args_machine(&args, &plan, &run, &why) == 0, "a kernel from elsewhere");
	got = join(&args.argv);
	ok(strstr(got, "\n-M\nq35\n"), "... on a q35");
	ok(strstr(got, "\n-kernel\n/there/vmlinuz, 1\n"), "... by its path");
	ok(strstr(got, "\nvirtio-serial-pci,") && strstr(got, "\nvirtio-rng-pci\n"),
	   "... with the devices of PCI");
	ok(strstr(got, words), words);
	ok(!modules == !strstr(got, "mount_tag=modules"), "... and its modules");
	ok(!strstr(got, "kmod"), "... and none of the lab's");
	ok(plan_has_shares(&plan) == !!modules, "... which are a folder of the host");
	is_text(plan_of_lab(&plan).machine->name, "microvm", "the lab has a microvm still");
	ok(!plan_of_lab(&plan).foreign, "... and its kernel");
	free(got);
	free(why);
	argv_fini(&args.argv);
	plan_fini(&plan);
	config_close(config);
}

static void test_trial(void)
{
	struct config *config;
	struct argv argv = {};
	char *why = NULL;
	struct plan plan;
	char *got;

	config = config_parse(BASE "CONFIG_VM_NET=y\nCONFIG_VM_APPEND=quiet\n"
		     "CONFIG_VM_QEMU_ARGS=-S\n");
	ok(plan_init(&plan, config, "/lab", processor_of(config), &catalog,
		     NULL, &why) == 0,
	   "a trial of KVM");
	args_trial(&argv, &plan);
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
	plan_fini(&plan);
	config_close(config);
}

/* What may stand in vm/processor, and what is said when it does not. */
static void test_processor(const char *text, const char *sentence)
{
	struct processor processor;
	char *why = NULL;

	ok(processor_parse(&processor, text, &why) == -EINVAL, sentence);
	is_text(why, sentence, "... and this is said");
	processor_fini(&processor);
	free(why);
}

static void test_processors(void)
{
	static const char *const keys[] = {
		"name", "qemu", "kernel", "cpu", "console", "append_max",
		"symbol", "console_symbol",
	};
	struct processor processor;
	char *why = NULL;
	glob_t found;
	size_t i, k;

	ok(glob("recipes/processor/*/values.mk", 0, NULL, &found) == 0,
	   "there are processors in recipes/processor");
	for (i = 0; i < found.gl_pathc; i++) {
		ok(processor_open(&processor, found.gl_pathv[i], &why) == 0,
		   found.gl_pathv[i]);
		for (k = 0; k < ARRAY_SIZE(keys); k++)
			ok(*processor_text(&processor, keys[k]), keys[k]);
		ok(processor.machine->slots &&
		   !processor.machine[1].slots, "... first without PCI, then with");
		processor_fini(&processor);
	}
	globfree(&found);
	test_processor("processor_name\n",
		       "vm/processor: not `processor_KEY := TEXT': processor_name");
	test_processor("processor_machine_VM_A := pci 0\n",
		       "vm/processor: VM_A is not `BUS SLOTS NAME [OPTIONS]'");
	test_processor("# nothing\n\nprocessor_name := a\n",
		       "vm/processor: it has no processor_machine_SYMBOL");
}

int main(void)
{
	read_catalog();
	test_all_golden();
	test_command();
	test_memory(false);
	test_memory(true);
	test_unsaved();
	test_namespace();
	test_roots_unsaved();
	test_devices_refused();
	test_devices_unsaved();
	test_shares(BASE, false);
	test_shares(BASE "CONFIG_VM_SHARES=/a,/b\n", true);
	test_shares(BASE "CONFIG_VM_KMOD=y\n", true);
	test_foreign(BASE "CONFIG_VM_KMOD=y\nCONFIG_VM_RNG=y\n", NULL,
		     " KILN_MODULES=none KILN_INIT=none\n");
	test_foreign(BASE "CONFIG_VM_RNG=y\n", "/there/m",
		     " KILN_SHARE_MODULES=ro,modules,/lib/modules/6.1-x KILN_INIT=none\n");
	test_trial();
	test_refused(BASE "CONFIG_VM_QEMU_ARGS=-name \"a\n",
		     "CONFIG_VM_QEMU_ARGS has a quote without its partner, or ends in a backslash: -name \"a");
	test_processors();
	test_refused("CONFIG_LINUX_ARCH=arm64\nCONFIG_VM_CPUS=1\nCONFIG_VM_MEMORY=256\n"
		     "CONFIG_VM_QEMU=/opt/qemu-system-x86_64\n",
		     "CONFIG_VM_QEMU is /opt/qemu-system-x86_64, and the processor of this lab is that of qemu-system-aarch64; empty it in the menu");
	test_refused("CONFIG_VM_MEMORY=256\nCONFIG_VM_QEMU=q\n",
		     "CONFIG_VM_CPUS is not a number");
	test_refused("CONFIG_VM_CPUS=1\nCONFIG_VM_MEMORY=y\nCONFIG_VM_QEMU=q\n",
		     "CONFIG_VM_MEMORY is not a number");
	test_refused(BASE "CONFIG_ROOTFS_IS_9P=y\nCONFIG_ROOTFS_INIT=/bin/sh -x\n",
		     "CONFIG_ROOTFS_INIT is neither `shell' nor the path of a program: /bin/sh -x");
	test_refused(BASE "CONFIG_ROOTFS_FILE=y\nCONFIG_ROOTFS_IS_DISK=y\n"
		     "CONFIG_ROOTFS_INIT=shell\nCONFIG_ROOTFS_DISK_ROOT=/dev/sd a\n",
		     "CONFIG_ROOTFS_DISK_ROOT is neither /dev/NAME, LABEL=... nor UUID=...: /dev/sd a");
	catalog_fini(&catalog);
	return tap_done();
}
