// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/why.h"
#include "lib/xmalloc.h"
#include "vm/args/bus.h"
#include "vm/args/device.h"

/* By this the guest knows the card from one of VM_QEMU_ARGS. */
#define NET_MAC "52:54:00:6b:6c:6e"

static const struct {
	const char *id;
	const char *adapter; /* one for all of them; or NULL */
	const char *device;
	bool is_virtio; /* the names end in that of the bus */
	const char *unsaved; /* why a machine that has one is not saved */
} buses[] = {
	[DISKS_VIRTIO] = { .id = "disk", .device = "virtio-blk-",
			   .is_virtio = true,
			   .unsaved = "VM_DISKS has files of the host" },
	[DISKS_SCSI] = { .id = "scsi", .adapter = "virtio-scsi-",
			 .device = "scsi-hd",
			 .unsaved = "VM_DISKS_SCSI has files of the host" },
	[DISKS_NVME] = { .id = "nvme", .device = "nvme",
			 .unsaved = "VM_DISKS_NVME has files of the host" },
};

void args_device_net(struct argv *argv, const struct plan *plan)
{
	const struct plan_net *net = &plan->net;
	char *text = NULL;
	size_t i, size;
	FILE *out;

	if (!net->is_there)
		return;
	out = open_memstream(&text, &size);
	if (!out)
		xmalloc_fail();
	fprintf(out, "user,id=net0%s",
		net->is_restricted ? ",restrict=on" : "");
	for (i = 0; i < net->count; i++)
		fprintf(out, ",hostfwd=%s:127.0.0.1:%u-:%u",
			net->forward[i].is_udp ? "udp" : "tcp",
			net->forward[i].host, net->forward[i].guest);
	if (fclose(out))
		xmalloc_fail();
	argv_add(argv, "-netdev");
	argv_add(argv, text);
	free(text);
	argv_add(argv, "-device");
	/* Nobody boots from it, so its boot ROM is left out. */
	argv_addf(argv, "virtio-net-%s,netdev=net0,mac=%s%s", plan->machine->bus, NET_MAC,
		  plan->machine->slots ? "" : ",romfile=");
}

void args_device_enter(struct argv *argv, const struct plan *plan)
{
	if (!plan->virtiofsd)
		return;
	argv_addf(argv, "%s/host/vm", plan->dir);
	argv_add(argv, "-O");
	argv_add(argv, plan->dir);
	argv_add(argv, "virtiofs");
	argv_add(argv, "--");
}

void args_device_ports(struct argv *argv, const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->ports.count; i++) {
		argv_add(argv, "-chardev");
		argv_addf(argv, "socket,path=port-%s,server=on,wait=off,id=port%zu",
			  plan->ports.word[i], i);
		argv_add(argv, "-device");
		argv_addf(argv, "virtserialport,chardev=port%zu,name=%s", i,
			  plan->ports.word[i]);
	}
	if (!plan->has_hvc)
		return;
	argv_split(argv, "-chardev socket,path=hvc0,server=on,wait=off,id=hvc0");
	argv_split(argv, "-device virtconsole,chardev=hvc0");
}

static void add_disk(struct argv *argv, const struct plan *plan, size_t bus,
		     size_t i)
{
	const struct disk *disk = &plan->disks[bus].disk[i];
	const char *id = buses[bus].id;

	argv_add(argv, "-drive");
	/* Changes to be lost go to a file without a name. */
	argv_addf(argv, "if=none,id=%s%zu,format=%s,file=%s%s%s", id, i,
		  disk->is_qcow2 ? "qcow2" : "raw", disk->path,
		  disk->is_read_only ? ",readonly=on" :
		  disk->is_kept ? "" : ",snapshot=on",
		  disk->has_discard ? ",discard=unmap" : "");
	argv_add(argv, "-device");
	argv_addf(argv, "%s%s,drive=%s%zu,serial=%s", buses[bus].device,
		  buses[bus].is_virtio ? plan->machine->bus : "", id, i, disk->serial);
}

/* The disks of a bus, numbered from 0 on. */
static void add_disks(struct argv *argv, const struct plan *plan, size_t bus)
{
	size_t i;

	if (plan->disks[bus].count && buses[bus].adapter) {
		argv_add(argv, "-device");
		argv_addf(argv, "%s%s", buses[bus].adapter, plan->machine->bus);
	}
	for (i = 0; i < plan->disks[bus].count; i++)
		add_disk(argv, plan, bus, i);
}

/* The guest, too, knows by the tag which of both it is. */
static void add_share(struct argv *argv, const struct plan *plan, size_t i)
{
	const struct share *share = &plan->shares.share[i];
	char tag[32];

	if (plan->virtiofsd) {
		argv_add(argv, "-chardev");
		argv_addf(argv, "socket,id=virtiofs%zu,fd=%zu", i,
			  VIRTIOFS_FD + i);
		argv_add(argv, "-device");
		argv_addf(argv, "vhost-user-fs-%s,chardev=virtiofs%zu,tag=virtiofs%zu",
			  plan->machine->bus, i, i);
		return;
	}
	snprintf(tag, sizeof(tag), "share%zu", i);
	args_bus_9p(argv, plan, tag, share->host, share->is_writable ?
		    "security_model=none" :
		    "security_model=none,readonly=on");
}

void args_device_outer(struct argv *argv, const struct plan *plan)
{
	size_t i;

	for (i = 0; i < DISKS_COUNT; i++)
		add_disks(argv, plan, i);
	for (i = 0; i < plan->shares.count; i++)
		add_share(argv, plan, i);
}

void args_device_folders(struct argv *argv, const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->folders.words.count; i++)
		argv_add(argv, plan->folders.words.word[i]);
}

/* Has the word of -device a place on the bus virtio-mmio? */
static bool is_mmio(const char *word)
{
	size_t len = strcspn(word, ",");

	return len > 7 && !strncmp(word + len - 7, "-device", 7);
}

/* The first kind of machine that has room for all */
static const struct processor_machine *roomy(const struct processor *processor)
{
	size_t i;

	for (i = 0; i + 1 < processor->machines; i++)
		if (!processor->machine[i].slots)
			break;
	return &processor->machine[i];
}

int args_device_fit(const struct argv *argv, const struct plan *plan,
		    char **why)
{
	const struct processor_machine *better = roomy(plan->processor);
	size_t i, slots = plan->machine->slots, count = 0;

	if (!slots)
		return 0;
	for (i = 1; i < argv->count; i++)
		if (!strcmp(argv->word[i - 1], "-device") &&
		    is_mmio(argv->word[i]))
			count++;
	if (count <= slots)
		return 0;
	return why_set(why, -EINVAL,
		       "%s has room for %zu virtio devices and this machine has %zu; choose %s in the menu (CONFIG_%s)",
		       plan->machine->name, slots, count, better->name,
		       better->symbol);
}

const char *args_device_unsaved(const struct plan *plan)
{
	size_t i;

	for (i = 0; i < DISKS_COUNT; i++)
		if (plan->disks[i].count)
			return buses[i].unsaved;
	if (plan->memory.more)
		return "VM_MEMORY_MORE is memory that comes and goes";
	if (plan->memory.nodes)
		return "VM_NODES divides the memory";
	if (plan->memory.is_huge)
		return "VM_HUGEPAGES has the memory in the host's huge pages";
	if (plan->virtiofsd)
		return "VM_VIRTIOFS has a program beside QEMU";
	return plan->folders.unsaved;
}

/* The guest's part is in guest/net.h. */
static void print_net(FILE *out, const struct plan *plan)
{
	if (plan->net.is_there && !plan->root.has_kernel)
		fprintf(out, " KILN_NET=" NET_MAC ",%s",
			plan->root.is_kept ? "kept" : "lost");
}

char *args_device_append(const struct plan *plan)
{
	const char *tag = plan->virtiofsd ? "virtiofs" : "share";
	const struct share *share = plan->shares.share;
	char *text = NULL;
	size_t i, size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		xmalloc_fail();
	print_net(out, plan);
	for (i = 0; i < plan->shares.count; i++)
		fprintf(out, " KILN_SHARE_%zu=%s,%s%zu,%s", i,
			share[i].is_writable ? "rw" : "ro", tag, i,
			share[i].guest);
	/* Linux uses what it is given at once. */
	if (plan->memory.more)
		fputs(" memhp_default_state=online_movable", out);
	for (i = 0; i < plan->folders.append.count; i++)
		fprintf(out, " %s", plan->folders.append.word[i]);
	if (fclose(out))
		xmalloc_fail();
	return text;
}
