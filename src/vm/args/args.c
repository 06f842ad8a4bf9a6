// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/macros.h"
#include "lib/why.h"
#include "lib/xmalloc.h"
#include "vm/args/args.h"
#include "vm/args/bus.h"
#include "vm/args/device.h"
#include "vm/args/fit.h"
#include "vm/args/memory.h"
#include "vm/args/root.h"

const char *args_kernel(const struct plan *plan)
{
	return plan->root.has_kernel ? "rootfs/kernel" :
				       processor_text(plan->processor, "kernel");
}

/* The kind of machine; its memory may be an object. */
static void add_kind(struct argv *argv, const struct plan *plan, bool is_one)
{
	const char *memory = is_one ? ",memory-backend=memory" : "";

	const struct processor_machine *machine = plan->machine;
	const char *options = machine->options;

	argv_add(argv, "-M");
	argv_addf(argv, "%s%s%s%s", machine->name, options ? "," : "",
		  options ? options : "", memory);
	if (!machine->slots)
		return;
	/* Linux drives some devices only as virtio 1.0 has them. */
	argv_add(argv, "-global");
	argv_add(argv, "virtio-mmio.force-legacy=false");
}

static void add_start(struct argv *argv, const struct plan *plan)
{
	argv_add(argv, plan->qemu);
	argv_add(argv, "-nodefaults");
	argv_add(argv, "-no-user-config");
	argv_add(argv, "-display");
	argv_add(argv, "none");
	argv_add(argv, "-no-reboot");
}

static void add_engine(struct argv *argv, const struct plan *plan, bool kvm)
{
	const char *cpu = plan->cpu;

	argv_add(argv, "-accel");
	argv_add(argv, kvm ? "kvm" : "tcg");
	argv_add(argv, "-cpu");
	if (!*cpu)
		cpu = kvm ? "host" : processor_text(plan->processor, "cpu");
	argv_add(argv, cpu);

	argv_add(argv, "-kernel");
	if (plan->foreign)
		argv_add(argv, plan->foreign->path);
	else
		argv_addf(argv, "%s/%s", plan->dir, args_kernel(plan));
}

/* The console is the first serial port; Ctrl-A C reaches the monitor. */
static void add_console(struct argv *argv)
{
	argv_add(argv, "-chardev");
	argv_add(argv, "stdio,id=console,mux=on,signal=off");
	argv_add(argv, "-serial");
	argv_add(argv, "chardev:console");
	argv_add(argv, "-mon");
	argv_add(argv, "chardev=console");
}

/* What follows -chardev, for a person and for a run */
static const struct {
	const char *pasted;
	const char *more;
} channels[] = {
	[ARGS_QMP] = { "socket,path=qmp,server=on,wait=off", ",id=qmp" },
	[ARGS_AGENT] = { "socket,path=agent,server=on,wait=off", ",id=agent" },
	/* A debugger may come at any time; until then it costs nothing. */
	[ARGS_GDB] = { "socket,path=gdb", ",server=on,wait=off,id=gdb" },
};

static void add_channel(struct args *args, enum args_channel channel)
{
	argv_add(&args->argv, "-chardev");
	args->channel[channel] = args->argv.count;
	argv_addf(&args->argv, "%s%s", channels[channel].pasted,
		  channels[channel].more);
}

void args_connect(struct args *args, enum args_channel channel,
		  const char *chardev)
{
	argv_setf(&args->argv, args->channel[channel], "%s%s", chardev,
		  channels[channel].more);
}

static void add_channels(struct args *args, const struct plan *plan,
			 bool is_waiting)
{
	struct argv *argv = &args->argv;

	add_channel(args, ARGS_QMP);
	argv_add(argv, "-mon");
	argv_add(argv, "chardev=qmp,mode=control");

	add_channel(args, ARGS_AGENT);
	argv_add(argv, "-device");
	argv_addf(argv, "virtio-serial-%s,max_ports=%zu", plan->machine->bus,
		  2 + plan->ports.count);
	argv_add(argv, "-device");
	argv_add(argv, "virtserialport,chardev=agent,name=org.kiln.agent,id=agent");
	args_device_ports(argv, plan);

	add_channel(args, ARGS_GDB);
	argv_add(argv, "-gdb");
	argv_add(argv, "chardev:gdb");
	if (is_waiting)
		argv_add(argv, "-S");
}

/* Words of the kernel's command line, unless there are none */
static void print_words(FILE *out, const char *words)
{
	if (words && *words)
		fprintf(out, " %s", words);
}

/* A panic resets at once (-1), and a reset ends QEMU under -no-reboot. */
static void print_start(FILE *out, const struct processor *processor,
			const char *more)
{
	fprintf(out, "console=%s", processor_text(processor, "console"));
	print_words(out, more);
	fputs(" panic=-1", out);
	print_words(out, processor_text(processor, "append"));
}

static char *make_append(const struct plan *plan, const struct args_run *run)
{
	const struct processor *processor = plan->processor;
	char *root = args_root_append(plan, run->no_init);
	char *devices = args_device_append(plan);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		xmalloc_fail();
	print_start(out, processor, NULL);
	if (!run->kvm)
		print_words(out, processor_text(processor, "append_tcg"));
	if (!run->kvm && plan->cpus == 1)
		print_words(out, processor_text(processor, "append_tcg_one"));
	fprintf(out, "%s%s", root, devices);
	print_words(out, plan->append);
	print_words(out, run->append);
	if (fclose(out))
		xmalloc_fail();
	free(devices);
	free(root);
	return text;
}

static int add_append(struct argv *argv, const struct plan *plan,
		      const struct args_run *run, char **why)
{
	char *text = make_append(plan, run);
	size_t size, max;

	argv_add(argv, "-append");
	argv_add(argv, text);
	size = strlen(text);
	max = strtoul(processor_text(plan->processor, "append_max"), NULL, 10);
	free(text);
	if (size <= max)
		return 0;
	return why_set(why, -E2BIG,
		       "the kernel's command line has %zu bytes, and a kernel reads %zu; VM_APPEND and --append are parts of it",
		       size, max);
}

/* Options that do not describe the machine itself, or that change its memory or start. */
static const char *const unsaved[] = {
	"drive", "blockdev", "hda", "hdb", "hdc", "hdd", "cdrom", "fda", "fdb",
	"sd", "mtdblock", "pflash", "virtfs", "fsdev", "m", "mem-path", "numa",
	"S", "s", "gdb", "snapshot", "incoming", "loadvm",
};

static bool is_unsaved(const char *word)
{
	size_t i;

	/* A file may change. */
	if (strchr(word, '/'))
		return true;
	if (*word++ != '-')
		return false;
	word += *word == '-';
	for (i = 0; i < ARRAY_SIZE(unsaved); i++)
		if (!strcmp(word, unsaved[i]))
			return true;
	return false;
}

const char *args_unsaved(const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->more.count; i++)
		if (is_unsaved(plan->more.word[i]))
			return plan->more.word[i];
	return NULL;
}

int args_machine(struct args *ret, const struct plan *plan,
		 const struct args_run *run, char **why)
{
	struct argv *argv = &ret->argv;
	size_t i;
	int err;

	*ret = (struct args){};
	args_root_enter(argv, plan, run->is_root);
	args_device_enter(argv, plan);
	add_start(argv, plan);
	ret->machine = argv->count + 1;
	add_kind(argv, plan, args_memory_is_one(plan));
	add_engine(argv, plan, run->kvm);
	args_memory(argv, plan);
	argv_add(argv, "-initrd");
	argv_addf(argv, "%s/rootfs/initramfs.cpio", plan->dir);
	err = add_append(argv, plan, run, why);
	if (err < 0)
		return err;
	add_console(argv);
	add_channels(ret, plan, run->is_waiting);
	args_device_net(argv, plan);
	args_root_devices(argv, plan);
	args_device_outer(argv, plan);
	/* Last, so that another one moves nobody to another slot. */
	args_device_folders(argv, plan);
	for (i = 0; i < plan->more.count; i++)
		argv_add(argv, plan->more.word[i]);

	return args_device_fit(argv, plan, why);
}

void args_set_memory(struct args *args, const struct plan *plan,
		     const char *file, bool is_saved)
{
	struct argv *argv = &args->argv;

	argv_setf(argv, args->machine, "%s,memory-backend=memory",
		  argv->word[args->machine]);
	args_memory_file(argv, plan, file, is_saved);
}

void args_trial(struct argv *argv, const struct plan *plan)
{
	const struct plan lab = plan_of_lab(plan);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	/*
	 * One CPU and QEMU's default memory: what is learnt is kept when these
	 * options change, so it must not depend on them.
	 */
	add_start(argv, &lab);
	add_kind(argv, &lab, false);
	add_engine(argv, &lab, true);
	if (!out)
		xmalloc_fail();
	print_start(out, plan->processor, "quiet");
	if (fclose(out))
		xmalloc_fail();
	argv_add(argv, "-append");
	argv_add(argv, text);
	free(text);
	argv_add(argv, "-serial");
	argv_add(argv, "stdio");
}
