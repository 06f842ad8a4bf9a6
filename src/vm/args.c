// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "args-bus.h"
#include "args-device.h"
#include "args-memory.h"
#include "args-root.h"
#include "macros.h"
#include "why.h"

/*
 * A panic resets at once (-1), and a reset goes straight to a triple fault (t),
 * which ends QEMU under -no-reboot.  The default way tries the keyboard
 * controller first, which microvm lacks, and takes 3 seconds to give up.
 */
#define ENDS_QEMU "panic=-1 reboot=t"

static int check(const struct config *config, long *cpus, char **why)
{
	long memory;

	if (config_number(config, "VM_CPUS", cpus) < 0)
		return why_set(why, -EINVAL, "CONFIG_VM_CPUS is not a number");
	if (config_number(config, "VM_MEMORY", &memory) < 0)
		return why_set(why, -EINVAL,
			       "CONFIG_VM_MEMORY is not a number");
	if (!*config_text(config, "VM_QEMU"))
		return why_set(why, -EINVAL,
			       "CONFIG_VM_QEMU names no program");
	return args_root_check(config, why);
}

const char *args_machine_name(const struct config *config)
{
	if (config_is_on(config, "VM_Q35"))
		return "q35";
	if (config_is_on(config, "VM_PC"))
		return "pc";
	return "microvm";
}

const char *args_kernel(const struct config *config)
{
	return config_is_on(config, "ROOTFS_DQIB_KERNEL") ?
		"rootfs/kernel" : "linux/vmlinux.stripped";
}

/* What a trial and a run have in common. */
static void add_base(struct argv *argv, const struct config *config,
		     const char *dir, bool kvm, bool has_memory)
{
	const char *memory = has_memory ? ",memory-backend=memory" : "";
	const char *name = args_machine_name(config);
	const char *cpu = config_text(config, "VM_CPU");

	argv_add(argv, config_text(config, "VM_QEMU"));
	argv_add(argv, "-nodefaults");
	argv_add(argv, "-no-user-config");
	argv_add(argv, "-display");
	argv_add(argv, "none");
	argv_add(argv, "-no-reboot");

	argv_add(argv, "-M");
	/*
	 * With ACPI, some boots hang before init (QEMU 7.2).  Linux drives some
	 * devices only as virtio 1.0 has them.
	 */
	if (!strcmp(name, "microvm")) {
		argv_addf(argv, "microvm,acpi=off,rtc=on%s", memory);
		argv_add(argv, "-global");
		argv_add(argv, "virtio-mmio.force-legacy=false");
	} else {
		argv_addf(argv, "%s%s", name, memory);
	}

	argv_add(argv, "-accel");
	argv_add(argv, kvm ? "kvm" : "tcg");
	/*
	 * Under TCG the largest model boots no slower than the default one; but
	 * for the two by which it says that it copies bytes fast: it takes one
	 * at a time, and Linux eight when it does not believe that.
	 */
	argv_add(argv, "-cpu");
	if (!*cpu)
		cpu = kvm ? "host" : "max,-erms,-fsrm";
	argv_add(argv, cpu);

	argv_add(argv, "-kernel");
	argv_addf(argv, "%s/%s", dir, args_kernel(config));
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

static void add_channels(struct argv *argv, const struct config *config,
			 const struct args_run *run)
{
	argv_add(argv, "-chardev");
	argv_addf(argv, "%s,id=qmp", run->qmp);
	argv_add(argv, "-mon");
	argv_add(argv, "chardev=qmp,mode=control");

	argv_add(argv, "-chardev");
	argv_addf(argv, "%s,id=agent", run->agent);
	argv_add(argv, "-device");
	argv_addf(argv, "virtio-serial-%s,max_ports=%zu",
		  args_bus(config), 2 + args_device_count_ports(config));
	argv_add(argv, "-device");
	argv_add(argv, "virtserialport,chardev=agent,name=org.kiln.agent,id=agent");
	args_device_ports(argv, config);

	/* A debugger may come at any time; until then it costs nothing. */
	argv_add(argv, "-chardev");
	argv_addf(argv, "%s,server=on,wait=off,id=gdb", run->gdb);
	argv_add(argv, "-gdb");
	argv_add(argv, "chardev:gdb");
	if (run->is_waiting)
		argv_add(argv, "-S");
}

static void add_append(struct argv *argv, const struct config *config,
		       const struct args_run *run, long cpus)
{
	const char *more = config_text(config, "VM_APPEND");
	const char *once = run->append ? run->append : "";
	const char *check = "", *timer = "";
	char *root = args_root_append(config, run->no_init);
	char *devices = args_device_append(config);

	/*
	 * Under TCG the kernel looks whether the timer ticks by a busy wait of
	 * 40 ms, and panics when a busy host gave QEMU no turn in that time.
	 * Under KVM it does not look.
	 */
	if (!run->kvm)
		check = " no_timer_check";
	/*
	 * The kernel measures the local APIC's timer with a busy wait of 0.2 s
	 * under TCG, for nothing if there is one CPU only: the PIT ticks as
	 * well.  With more CPUs the timer is needed, and under KVM there is
	 * kvmclock and nothing to gain.
	 */
	if (!run->kvm && cpus == 1)
		timer = " nolapic_timer";

	argv_add(argv, "-append");
	argv_addf(argv, "console=ttyS0 " ENDS_QEMU "%s%s%s%s%s%s%s%s", check,
		  timer, root ? root : "", devices ? devices : "", *more ? " " : "", more,
		  *once ? " " : "", once);
	if (!root || !devices)
		argv->err = -ENOMEM;
	free(devices);
	free(root);
}

/* Options for what is outside of the machine, or another memory or start. */
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

char *args_unsaved(const struct config *config)
{
	struct argv argv = {};
	char *found = NULL;
	size_t i;

	argv_split(&argv, config_text(config, "VM_QEMU_ARGS"));
	for (i = 0; i < argv.count && !found; i++)
		if (is_unsaved(argv.word[i]))
			found = strdup(argv.word[i]);
	argv_fini(&argv);
	return found;
}

int args_machine(struct argv *argv, const struct config *config,
		 const char *dir, const struct args_run *run, char **why)
{
	long cpus;
	int err;

	err = check(config, &cpus, why);
	if (err < 0)
		return err;

	args_root_enter(argv, config, run->is_root);
	args_device_enter(argv, config, dir);
	add_base(argv, config, dir, run->kvm, args_memory_is_one(config, run));
	args_memory(argv, config, run);
	argv_add(argv, "-initrd");
	argv_addf(argv, "%s/rootfs/initramfs.cpio", dir);
	add_append(argv, config, run, cpus);
	add_console(argv);
	add_channels(argv, config, run);
	err = args_device_inner(argv, config, why);
	if (err < 0)
		return err;
	args_root_devices(argv, config, dir);
	err = args_device_outer(argv, config, dir, why);
	if (err < 0)
		return err;

	if (argv_split(argv, config_text(config, "VM_QEMU_ARGS")) < 0)
		return why_set(why, -EINVAL,
			       "CONFIG_VM_QEMU_ARGS has a quote without its partner, or ends in a backslash: %s",
			       config_text(config, "VM_QEMU_ARGS"));
	if (argv_err(argv) < 0)
		return why_set(why, argv_err(argv), "out of memory");
	return args_device_fit(argv, config, why);
}

int args_trial(struct argv *argv, const struct config *config,
	       const char *dir, char **why)
{
	long cpus;
	int err;

	err = check(config, &cpus, why);
	if (err < 0)
		return err;

	/*
	 * One CPU and QEMU's default memory: what is learnt is kept when these
	 * options change, so it must not depend on them.
	 */
	add_base(argv, config, dir, true, false);
	argv_add(argv, "-append");
	argv_add(argv, "console=ttyS0 quiet " ENDS_QEMU);
	argv_add(argv, "-serial");
	argv_add(argv, "stdio");

	if (argv_err(argv) < 0)
		return why_set(why, argv_err(argv), "out of memory");
	return 0;
}
