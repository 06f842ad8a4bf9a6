// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args-bus.h"
#include "args-device.h"
#include "macros.h"
#include "outside.h"
#include "str.h"
#include "virtiofs.h"
#include "why.h"

#define MMIO_SLOTS 8 /* of microvm without ACPI */

/* What an option adds to QEMU's words; * stands for the bus: device or pci. */
static const struct {
	const char *symbol;
	const char *backend; /* or "" */
	const char *device;
} devices[] = {
	{ "VM_RNG", "", "-device virtio-rng-*" },
	/* QEMU only tells of a panic; the kernel has more to say. */
	{ "VM_PVPANIC", "", "-device pvpanic-pci -action panic=none" },
	{ "VM_BALLOON", "",
	  "-device virtio-balloon-*,id=balloon,free-page-reporting=on" },
	/* The machine stands still then, and we end it. */
	{ "VM_WATCHDOG", "", "-device ib700 -action watchdog=pause" },
	{ "VM_CRYPTO", "-object cryptodev-backend-builtin,id=crypto",
	  "-device virtio-crypto-*,cryptodev=crypto" },
	{ "VM_GPU", "", "-device virtio-gpu-*" },
	{ "VM_INPUT", "", "-device virtio-keyboard-* -device virtio-tablet-*" },
	{ "VM_IOMMU", "", "-device virtio-iommu-pci" },
	{ "VM_EDU", "", "-device edu" },
	{ "VM_SOUND", "-audiodev wav,id=sound,path=sound.wav",
	  "-device intel-hda -device hda-output,audiodev=sound" },
	{ "VM_VSOCK", "", "-device vhost-vsock-*,guest-cid=#" },
};

static const struct {
	const char *symbol;
	const char *id;
	const char *adapter; /* one for all of them, or "" */
	const char *device;
} buses[] = {
	{ "VM_DISKS", "disk", "", "virtio-blk-*" },
	{ "VM_DISKS_SCSI", "scsi", "-device virtio-scsi-*", "scsi-hd" },
	{ "VM_DISKS_NVME", "nvme", "", "nvme" },
};

/* A machine with such an option, or text, is not saved. */
static const struct {
	const char *symbol;
	const char *why;
} unsaved[] = {
	{ "VM_DISKS", "VM_DISKS has files of the host" },
	{ "VM_DISKS_SCSI", "VM_DISKS_SCSI has files of the host" },
	{ "VM_DISKS_NVME", "VM_DISKS_NVME has files of the host" },
	{ "VM_MEM", "VM_MEMORY_MORE is memory that comes and goes" },
	{ "VM_NUMA", "VM_NODES divides the memory" },
	{ "VM_HUGEPAGES", "VM_HUGEPAGES has the memory in the host's huge pages" },
	{ "VM_EDU", "VM_EDU has a device whose state QEMU cannot save" },
	{ "VM_SOUND", "VM_SOUND writes to a file of the host" },
	{ "VM_VSOCK", "VM_VSOCK has a socket of the host" },
	{ "VM_VIRTIOFS", "VM_VIRTIOFS has a program beside QEMU" },
};

/* A text of a table, with what stands for * and #; NULL without memory. */
static char *expand(const struct config *config, const char *text)
{
	const char *bus = args_bus(config);
	const char *number = config_text(config, "VM_VSOCK_CID");
	char *all = NULL;
	size_t size;
	FILE *out = open_memstream(&all, &size);

	if (!out)
		return NULL;
	for (; *text; text++) {
		if (*text == '*')
			fputs(bus, out);
		else if (*text == '#')
			fputs(number, out);
		else
			fputc(*text, out);
	}
	return fclose(out) ? NULL : all;
}

static void add_words(struct argv *argv, const struct config *config,
		      const char *words)
{
	char *text = expand(config, words);

	if (text)
		argv_split(argv, text);
	else
		argv->err = -ENOMEM;
	free(text);
}

/* A port of the host that leads to the guest: [udp:]HOST:GUEST. */
static int add_forward(char **netdev, const char *word, char **why)
{
	unsigned int from, to;
	char *more = NULL;
	int end = 0;
	const char *numbers = strncmp(word, "udp:", 4) ? word : word + 4;

	if (sscanf(numbers, "%5u:%5u%n", &from, &to, &end) < 2 ||
	    numbers[end] || !from || !to || from > 65535 || to > 65535)
		return why_set(why, -EINVAL,
			       "CONFIG_VM_NET_FORWARD: `%s' is not 2222:22 or udp:5353:53, two ports from 1 to 65535",
			       word);
	more = str_printf("%s,hostfwd=%s:127.0.0.1:%u-:%u", *netdev,
			  numbers == word ? "tcp" : "udp", from, to);
	free(*netdev);
	*netdev = more;
	return more ? 0 : -ENOMEM;
}

static int add_net(struct argv *argv, const struct config *config, char **why)
{
	struct argv ports;
	char *netdev;
	size_t i;
	int err;

	err = outside_list(&ports, config, "VM_NET_FORWARD", why);
	netdev = str_printf("user,id=net0%s",
			    config_is_on(config, "VM_NET_RESTRICT") ?
			    ",restrict=on" : "");
	for (i = 0; netdev && i < ports.count && !err; i++)
		err = add_forward(&netdev, ports.word[i], why);
	argv_fini(&ports);
	if (!netdev)
		return -ENOMEM;
	argv_add(argv, "-netdev");
	argv_add(argv, netdev);
	free(netdev);
	/* Nobody boots from it, so its boot ROM is left out. */
	add_words(argv, config, config_is_on(config, "VM_MICROVM") ?
		  "-device virtio-net-*,netdev=net0" :
		  "-device virtio-net-*,netdev=net0,romfile=");
	return err;
}

void args_device_enter(struct argv *argv, const struct config *config,
		       const char *dir)
{
	if (!config_is_on(config, "VM_VIRTIOFS"))
		return;
	argv_addf(argv, "%s/host/vm", dir);
	argv_add(argv, "-O");
	argv_add(argv, dir);
	argv_add(argv, "virtiofs");
	argv_add(argv, "--");
}

size_t args_device_count_ports(const struct config *config)
{
	struct argv names = {};
	size_t count;

	argv_split(&names, config_text(config, "VM_PORTS"));
	count = names.count;
	argv_fini(&names);
	return count;
}

void args_device_ports(struct argv *argv, const struct config *config)
{
	struct argv names = {};
	size_t i;

	argv_split(&names, config_text(config, "VM_PORTS"));
	for (i = 0; i < names.count; i++) {
		argv_add(argv, "-chardev");
		argv_addf(argv, "socket,path=port-%s,server=on,wait=off,id=port%zu",
			  names.word[i], i);
		argv_add(argv, "-device");
		argv_addf(argv, "virtserialport,chardev=port%zu,name=%s", i,
			  names.word[i]);
	}
	argv_fini(&names);
	if (!config_is_on(config, "VM_HVC"))
		return;
	argv_split(argv, "-chardev socket,path=hvc0,server=on,wait=off,id=hvc0");
	argv_split(argv, "-device virtconsole,chardev=hvc0");
}

static int check_ports(const struct config *config, char **why)
{
	struct argv names;
	size_t i;
	int err;

	err = outside_list(&names, config, "VM_PORTS", why);
	for (i = 0; i < names.count && !err; i++)
		if (!outside_is_name(names.word[i]))
			err = why_set(why, -EINVAL,
				      "CONFIG_VM_PORTS: `%s' is no name of letters, digits, dots and dashes",
				      names.word[i]);
	argv_fini(&names);
	return err;
}

int args_device_inner(struct argv *argv, const struct config *config,
		      char **why)
{
	size_t i;
	int err;

	err = check_ports(config, why);
	if (!err && config_is_on(config, "VM_NET"))
		err = add_net(argv, config, why);
	for (i = 0; i < ARRAY_SIZE(devices); i++)
		if (config_is_on(config, devices[i].symbol)) {
			add_words(argv, config, devices[i].backend);
			add_words(argv, config, devices[i].device);
		}
	return err;
}

static void add_disk(struct argv *argv, const struct disk *disk,
		     const char *id, size_t i, const char *device)
{
	argv_add(argv, "-drive");
	/* Changes to be lost go to a file without a name. */
	argv_addf(argv, "if=none,id=%s%zu,format=%s,file=%s%s%s", id, i,
		  disk->is_qcow2 ? "qcow2" : "raw", disk->path,
		  disk->is_read_only ? ",readonly=on" :
		  disk->is_kept ? "" : ",snapshot=on",
		  disk->has_discard ? ",discard=unmap" : "");
	argv_add(argv, "-device");
	argv_addf(argv, "%s,drive=%s%zu,serial=%s", device, id, i,
		  disk->serial);
}

/* The disks of a bus, numbered from 0 on. */
static int add_disks(struct argv *argv, const struct config *config,
		     const char *dir, size_t bus, char **why)
{
	char *device = expand(config, buses[bus].device);
	struct argv words;
	struct disk disk;
	size_t i;
	int err;

	if (!device)
		return -ENOMEM;
	err = outside_list(&words, config, buses[bus].symbol, why);
	if (words.count)
		add_words(argv, config, buses[bus].adapter);
	for (i = 0; i < words.count && !err; i++) {
		err = disk_parse(&disk, buses[bus].symbol, words.word[i], dir,
				 why);
		if (err < 0)
			break;
		add_disk(argv, &disk, buses[bus].id, i, device);
		disk_fini(&disk);
	}
	argv_fini(&words);
	free(device);
	return err;
}

/* The guest, too, knows by the tag which of both it is. */
static void add_share(struct argv *argv, const struct config *config,
		      const struct share *share, size_t i)
{
	char tag[32];

	if (config_is_on(config, "VM_VIRTIOFS")) {
		argv_add(argv, "-chardev");
		argv_addf(argv, "socket,id=virtiofs%zu,fd=%zu", i,
			  VIRTIOFS_FD + i);
		argv_add(argv, "-device");
		argv_addf(argv, "vhost-user-fs-%s,chardev=virtiofs%zu,tag=virtiofs%zu",
			  args_bus(config), i, i);
		return;
	}
	snprintf(tag, sizeof(tag), "share%zu", i);
	args_bus_9p(argv, config, tag, share->host, share->is_writable ?
		    "security_model=none" :
		    "security_model=none,readonly=on");
}

static int add_shares(struct argv *argv, const struct config *config, char **why)
{
	struct shares shares;
	size_t i;
	int err;

	err = shares_init(&shares, config, why);
	if (err < 0)
		return err;
	for (i = 0; i < shares.count; i++)
		add_share(argv, config, &shares.share[i], i);
	shares_fini(&shares);
	return 0;
}

int args_device_outer(struct argv *argv, const struct config *config,
		      const char *dir, char **why)
{
	size_t i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(buses) && !err; i++)
		err = add_disks(argv, config, dir, i, why);
	return err ? err : add_shares(argv, config, why);
}

/* Has the word of -device a place on the bus virtio-mmio? */
static bool is_mmio(const char *word)
{
	size_t len = strcspn(word, ",");

	return len > 7 && !strncmp(word + len - 7, "-device", 7);
}

int args_device_fit(const struct argv *argv, const struct config *config,
		    char **why)
{
	size_t i, count = 0;

	if (!config_is_on(config, "VM_MICROVM"))
		return 0;
	for (i = 1; i < argv->count; i++)
		if (!strcmp(argv->word[i - 1], "-device") &&
		    is_mmio(argv->word[i]))
			count++;
	if (count <= MMIO_SLOTS)
		return 0;
	return why_set(why, -EINVAL,
		       "microvm has room for %d virtio devices and this machine has %zu; choose q35 in the menu (CONFIG_VM_Q35)",
		       MMIO_SLOTS, count);
}

const char *args_device_unsaved(const struct config *config)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unsaved); i++)
		if (*config_text(config, unsaved[i].symbol))
			return unsaved[i].why;
	return NULL;
}

static void append_shares(FILE *out, const struct config *config)
{
	const char *tag = config_is_on(config, "VM_VIRTIOFS") ? "virtiofs" : "share";
	struct shares shares;
	char *why = NULL;
	size_t i;

	if (shares_init(&shares, config, &why) < 0) {
		free(why);
		return;
	}
	for (i = 0; i < shares.count; i++)
		fprintf(out, " KILN_SHARE_%zu=%s,%s%zu,%s", i,
			shares.share[i].is_writable ? "rw" : "ro", tag, i,
			shares.share[i].guest);
	shares_fini(&shares);
}

char *args_device_append(const struct config *config)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	append_shares(out, config);
	/* Linux uses what it is given at once. */
	if (config_is_on(config, "VM_MEM"))
		fputs(" memhp_default_state=online_movable", out);
	return fclose(out) ? NULL : text;
}
