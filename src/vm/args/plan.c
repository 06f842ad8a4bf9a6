// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/macros.h"
#include "lib/str.h"
#include "lib/why.h"
#include "lib/xmalloc.h"
#include "vm/args/plan.h"

/* As in the menu */
#define MIB_MAX 1048576
#define NODES_MAX 8
#define CPUS_MAX 64
#define PORT_MAX 65535

#define BLANKS " \t\n\""

/* An option from 0 to max; 0 where it is not there. */
static long plan_number(const struct config *config, const char *name, long max)
{
	long n;

	if (config_number(config, name, &n) < 0 || n < 0)
		return 0;
	return n < max ? n : max;
}

static int plan_check(const struct config *config, char **why)
{
	long n;

	if (config_number(config, "VM_CPUS", &n) < 0)
		return why_set(why, -EINVAL, "CONFIG_VM_CPUS is not a number");
	if (config_number(config, "VM_MEMORY", &n) < 0)
		return why_set(why, -EINVAL,
			       "CONFIG_VM_MEMORY is not a number");
	return 0;
}

/* Another processor's program would start, and be mute. */
static int plan_check_qemu(const struct plan *plan, char **why)
{
	const char *qemu = processor_text(plan->processor, "qemu");
	const char *name = strrchr(plan->qemu, '/');

	name = name ? name + 1 : plan->qemu;
	if (!strcmp(name, qemu) || strncmp(name, "qemu-system-", 12))
		return 0;
	return why_set(why, -EINVAL,
		       "CONFIG_VM_QEMU is %s, and the processor of this lab is that of %s; empty it in the menu",
		       plan->qemu, qemu);
}

static const struct processor_machine *plan_find_machine(const struct plan *plan)
{
	const struct processor_machine *machine = plan->processor->machine;
	size_t i;

	for (i = 0; i < plan->processor->machines; i++)
		if (plan->foreign ? !machine[i].slots :
		    config_is_on(plan->config, machine[i].symbol))
			return &machine[i];
	return machine;
}

static void plan_set_qemu(struct plan *plan)
{
	const char *own = processor_text(plan->processor, "qemu");
	const char *asked = config_text(plan->config, "VM_QEMU");

	if (config_is_on(plan->config, "QEMU_BUILT"))
		plan->qemu = str_printf("%s/qemu/%s", plan->dir, own);
	else
		plan->qemu = xstrdup(*asked ? asked : own);
}

static void plan_set_machine(struct plan *plan)
{
	const struct config *config = plan->config;

	plan->machine = plan_find_machine(plan);
	plan->cpu = config_text(config, "VM_CPU");
	plan->append = config_text(config, "VM_APPEND");
	plan->cpus = plan_number(config, "VM_CPUS", CPUS_MAX);
	plan->has_hvc = config_is_on(config, "VM_HVC");
	plan->has_kmod = !plan->foreign && config_is_on(config, "VM_KMOD");
	if (config_is_on(config, "VM_VIRTIOFS"))
		plan->virtiofsd = config_text(config, "VM_VIRTIOFSD");
}

static void plan_set_memory(struct plan_memory *memory,
			    const struct config *config)
{
	memory->mib = plan_number(config, "VM_MEMORY", MIB_MAX);
	memory->more = plan_number(config, "VM_MEMORY_MORE", MIB_MAX);
	if (config_is_on(config, "VM_NUMA"))
		memory->nodes = plan_number(config, "VM_NODES", NODES_MAX);
	memory->is_huge = config_is_on(config, "VM_HUGEPAGES");
}

static enum plan_root_kind plan_root_kind(const struct config *config)
{
	static const char *const symbols[] = {
		[ROOT_SWITCH] = "ROOTFS_SWITCH",
		[ROOT_9P] = "ROOTFS_IS_9P",
		[ROOT_DISK] = "ROOTFS_IS_DISK",
		[ROOT_CPIO] = "ROOTFS_IS_CPIO",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(symbols); i++)
		if (config_is_on(config, symbols[i]))
			break;
	return i;
}

static const char *plan_root_disk(const struct config *config)
{
	if (!config_is_on(config, "ROOTFS_IS_DISK"))
		return NULL;
	if (!config_is_on(config, "ROOTFS_IMAGE"))
		return "rootfs/disk";
	return config_is_on(config, "DEBIAN_QCOW2") ? "debian/disk.qcow2" :
						      "debian/disk.img";
}

static const char *plan_root_tree(const struct config *config)
{
	if (config_is_on(config, "ROOTFS_ARCH"))
		return "arch/root";
	return config_is_on(config, "ROOTFS_DEBIAN") ? "debian/root" : NULL;
}

static void plan_set_root(struct plan_root *root, const struct config *config)
{
	root->kind = plan_root_kind(config);
	root->has_kernel = config_is_on(config, "ROOTFS_DQIB_KERNEL");
	root->disk = plan_root_disk(config);
	root->device = config_text(config, "ROOTFS_DISK_ROOT");
	root->tree = plan_root_tree(config);
	root->is_host = config_is_on(config, "ROOTFS_HOST");
	root->is_user = config_is_on(config, "VM_USER");
	if (root->is_host)
		root->folder = "/";
	else if (config_is_on(config, "ROOTFS_FOLDER"))
		root->folder = config_text(config, "ROOTFS_FOLDER_DIR");
	root->is_kept = config_is_on(config, "ROOTFS_KEPT");
	root->is_qcow2 = config_is_on(config, "ROOTFS_IS_QCOW2");
	if (config_is_on(config, "ROOTFS_VIRTIO_SCSI"))
		root->bus = ROOT_VIRTIO_SCSI;
	else if (config_is_on(config, "ROOTFS_IDE"))
		root->bus = ROOT_IDE;
	if (root->kind != ROOT_INITRAMFS && !root->has_kernel)
		root->init = config_text(config, "ROOTFS_INIT");
	root->is_init_wanted = root->init &&
			       config_is_on(config, "ROOTFS_INIT_ALWAYS");
}

static int plan_check_root(const struct plan *plan, char **why)
{
	const struct plan_root *root = &plan->root;

	if (plan->foreign && root->has_kernel)
		return why_set(why, -EINVAL,
			       "the root of this lab boots with its own kernel alone (ROOTFS_DQIB_KERNEL)");
	if (root->folder && *root->folder != '/')
		return why_set(why, -EINVAL,
			       "CONFIG_ROOTFS_FOLDER_DIR is not the path of a folder from the root: %s",
			       root->folder);
	if (root->init && strcmp(root->init, "shell") &&
	    (*root->init != '/' || strpbrk(root->init, BLANKS)))
		return why_set(why, -EINVAL,
			       "CONFIG_ROOTFS_INIT is neither `shell' nor the path of a program: %s",
			       root->init);
	if (!root->disk)
		return 0;
	if (strpbrk(root->device, BLANKS) ||
	    (strncmp(root->device, "/dev/", 5) &&
	     strncmp(root->device, "LABEL=", 6) &&
	     strncmp(root->device, "UUID=", 5)))
		return why_set(why, -EINVAL,
			       "CONFIG_ROOTFS_DISK_ROOT is neither /dev/NAME, LABEL=... nor UUID=...: %s",
			       root->device);
	return 0;
}

/* [udp:]HOST:GUEST */
static int plan_parse_forward(struct plan_forward *ret, const char *word,
			      char **why)
{
	const char *numbers = strncmp(word, "udp:", 4) ? word : word + 4;
	int end = 0;

	ret->is_udp = numbers != word;
	if (sscanf(numbers, "%5u:%5u%n", &ret->host, &ret->guest, &end) < 2 ||
	    numbers[end] || !ret->host || !ret->guest ||
	    ret->host > PORT_MAX || ret->guest > PORT_MAX)
		return why_set(why, -EINVAL,
			       "CONFIG_VM_NET_FORWARD: `%s' is not 2222:22 or udp:5353:53, two ports from 1 to 65535",
			       word);
	return 0;
}

static int plan_parse_net(struct plan_net *net, const struct config *config,
			  char **why)
{
	struct argv words;
	size_t i;
	int err;

	net->is_there = config_is_on(config, "VM_NET");
	if (!net->is_there)
		return 0;
	net->is_restricted = config_is_on(config, "VM_NET_RESTRICT");
	err = hostfiles_list(&words, config, "VM_NET_FORWARD", why);
	net->forward = xcalloc(words.count, sizeof(*net->forward));
	for (i = 0; i < words.count && !err; i++)
		err = plan_parse_forward(&net->forward[i], words.word[i], why);
	net->count = i;
	argv_fini(&words);
	return err;
}

static int plan_parse_ports(struct argv *ports, const struct config *config,
			    char **why)
{
	size_t i;
	int err;

	err = hostfiles_list(ports, config, "VM_PORTS", why);
	for (i = 0; i < ports->count && !err; i++)
		if (!hostfiles_is_name(ports->word[i]))
			err = why_set(why, -EINVAL,
				      "CONFIG_VM_PORTS: `%s' is no name of letters, digits, dots and dashes",
				      ports->word[i]);
	return err;
}

static int plan_parse_disks(struct plan *plan, char **why)
{
	static const char *const symbols[] = {
		[DISKS_VIRTIO] = "VM_DISKS",
		[DISKS_SCSI] = "VM_DISKS_SCSI",
		[DISKS_NVME] = "VM_DISKS_NVME",
	};
	size_t i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(symbols) && !err; i++)
		err = disks_init(&plan->disks[i], plan->config, symbols[i],
				 plan->dir, why);
	return err;
}

static int plan_add_folder(struct plan *plan,
			   const struct catalog_device *device, char **why)
{
	struct plan_folders *folders = &plan->folders;

	const struct processor_machine *machine = plan->machine;
	const char *name = processor_text(plan->processor, "name");

	if (!catalog_has_arch(device, name))
		return why_set(why, -EINVAL,
			       "CONFIG_%s is a device that a machine of %s cannot have",
			       device->symbol, name);
	catalog_expand(&folders->words, catalog_words(device, machine->name),
		       plan->config, machine->bus);
	catalog_expand(&folders->append, &device->append, plan->config,
		       machine->bus);
	if (device->unsaved && !folders->unsaved)
		folders->unsaved = xstrdup(device->unsaved);
	if (device->single && !folders->single)
		folders->single = xstrdup(device->single);
	return 0;
}

static int plan_add_folders(struct plan *plan, const struct catalog *catalog,
			    char **why)
{
	size_t i;
	int err = 0;

	for (i = 0; i < catalog->count && !err; i++)
		if (config_is_on(plan->config, catalog->device[i].symbol))
			err = plan_add_folder(plan, &catalog->device[i], why);
	return err;
}

int plan_init(struct plan *ret, const struct config *config, const char *dir,
	      const struct processor *processor, const struct catalog *catalog,
	      const struct foreign *foreign, char **why)
{
	int err;

	*ret = (struct plan){ .config = config, .dir = dir,
			      .processor = processor, .foreign = foreign };
	err = plan_check(config, why);
	if (err < 0)
		return err;
	plan_set_qemu(ret);
	plan_set_machine(ret);
	plan_set_memory(&ret->memory, config);
	plan_set_root(&ret->root, config);
	err = plan_check_qemu(ret, why);
	if (!err)
		err = plan_check_root(ret, why);
	if (!err)
		err = plan_parse_ports(&ret->ports, config, why);
	if (!err)
		err = plan_parse_net(&ret->net, config, why);
	if (!err)
		err = plan_parse_disks(ret, why);
	if (!err)
		err = shares_init(&ret->shares, config, why);
	if (!err)
		err = plan_add_folders(ret, catalog, why);
	if (!err)
		err = hostfiles_list(&ret->more, config, "VM_QEMU_ARGS", why);
	return err;
}

void plan_fini(struct plan *plan)
{
	size_t i;

	free(plan->qemu);
	argv_fini(&plan->more);
	argv_fini(&plan->ports);
	for (i = 0; i < DISKS_COUNT; i++)
		disks_fini(&plan->disks[i]);
	shares_fini(&plan->shares);
	free(plan->net.forward);
	argv_fini(&plan->folders.words);
	argv_fini(&plan->folders.append);
	free(plan->folders.unsaved);
	free(plan->folders.single);
	*plan = (struct plan){};
}

struct plan plan_of_lab(const struct plan *plan)
{
	struct plan lab = *plan;

	lab.foreign = NULL;
	plan_set_machine(&lab);
	return lab;
}

bool plan_has_shares(const struct plan *plan)
{
	return plan->shares.count || plan->has_kmod ||
	       (plan->foreign && plan->foreign->modules);
}
