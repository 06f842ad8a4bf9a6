// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "args-bus.h"
#include "args-root.h"
#include "str.h"
#include "why.h"

#define BLANKS " \t\n\""

static bool is_in_initramfs(const struct config *config)
{
	return config_is_on(config, "ROOTFS_SWITCH") ||
	       (!config_is_on(config, "ROOTFS_IS_9P") &&
		!config_is_on(config, "ROOTFS_IS_DISK"));
}

/* Does the menu name the root's first program? */
static bool has_init(const struct config *config)
{
	if (config_is_on(config, "ROOTFS_DQIB_KERNEL"))
		return false;
	return !is_in_initramfs(config) ||
	       config_is_on(config, "ROOTFS_SWITCH") ||
	       config_is_on(config, "ROOTFS_IS_CPIO");
}

/* Is the root a folder that the lab has made, with many owners? */
static bool has_tree(const struct config *config)
{
	return config_is_on(config, "ROOTFS_DEBIAN") ||
	       config_is_on(config, "ROOTFS_ARCH");
}

int args_root_check(const struct config *config, char **why)
{
	const char *init = config_text(config, "ROOTFS_INIT");
	const char *root = config_text(config, "ROOTFS_DISK_ROOT");

	if (has_init(config) && strcmp(init, "shell") &&
	    (*init != '/' || strpbrk(init, BLANKS)))
		return why_set(why, -EINVAL,
			       "CONFIG_ROOTFS_INIT is neither `shell' nor the path of a program: %s",
			       init);
	if (!config_is_on(config, "ROOTFS_IS_DISK"))
		return 0;
	if (strpbrk(root, BLANKS) ||
	    (strncmp(root, "/dev/", 5) && strncmp(root, "LABEL=", 6) &&
	     strncmp(root, "UUID=", 5)))
		return why_set(why, -EINVAL,
			       "CONFIG_ROOTFS_DISK_ROOT is neither /dev/NAME, LABEL=... nor UUID=...: %s",
			       root);
	return 0;
}

const char *args_root_unsaved(const struct config *config)
{
	if (!is_in_initramfs(config))
		return "the root is not loaded with the kernel";
	if (config_is_on(config, "ROOTFS_SWITCH"))
		return "ROOTFS_SWITCH has a disk";
	return NULL;
}

void args_root_enter(struct argv *argv, const struct config *config,
		     bool is_root)
{
	if (is_root ||
	    (!has_tree(config) && !config_is_on(config, "VM_VIRTIOFS")))
		return;
	argv_add(argv, "unshare");
	argv_add(argv, "--user");
	argv_add(argv, "--map-root-user");
	argv_add(argv, "--map-auto");
	argv_add(argv, "--");
}

static void add_disk_device(struct argv *argv, const struct config *config)
{
	const char *bus = args_bus(config);

	argv_add(argv, "-device");
	if (config_is_on(config, "ROOTFS_VIRTIO_SCSI")) {
		argv_addf(argv, "virtio-scsi-%s,id=rootscsi", bus);
		argv_add(argv, "-device");
		argv_add(argv, "scsi-hd,drive=root,bus=rootscsi.0");
	} else if (config_is_on(config, "ROOTFS_IDE")) {
		argv_add(argv, "ide-hd,drive=root,bus=ide.0");
	} else {
		argv_addf(argv, "virtio-blk-%s,drive=root", bus);
	}
}

const char *args_root_disk(const struct config *config)
{
	if (!config_is_on(config, "ROOTFS_IS_DISK"))
		return NULL;
	if (!config_is_on(config, "ROOTFS_IMAGE"))
		return "rootfs/disk";
	return config_is_on(config, "DEBIAN_QCOW2") ? "debian/disk.qcow2" :
						      "debian/disk.img";
}

static void add_disk(struct argv *argv, const struct config *config,
		     const char *dir)
{
	argv_add(argv, "-drive");
	/* Changes to be lost go to a file without a name. */
	argv_addf(argv, "if=none,id=root,format=%s,file=%s/%s,discard=unmap%s",
		  config_is_on(config, "ROOTFS_IS_QCOW2") ? "qcow2" : "raw",
		  dir, args_root_disk(config),
		  config_is_on(config, "ROOTFS_KEPT") ? "" : ",snapshot=on");
	add_disk_device(argv, config);
}

static void add_tree(struct argv *argv, const struct config *config,
		     const char *dir)
{
	const char *recipe = config_is_on(config, "ROOTFS_ARCH") ?
		"arch" : "debian";
	char *path = str_printf("%s/%s/root", dir, recipe);

	if (!path)
		argv->err = -ENOMEM;
	else
		args_bus_9p(argv, config, "root", path,
			    config_is_on(config, "ROOTFS_KEPT") ?
			    "security_model=passthrough" :
			    "security_model=passthrough,readonly=on");
	free(path);
}

void args_root_devices(struct argv *argv, const struct config *config,
		       const char *dir)
{
	char *path;

	if (config_is_on(config, "ROOTFS_IS_DISK"))
		add_disk(argv, config, dir);
	else if (has_tree(config))
		add_tree(argv, config, dir);
	else if (config_is_on(config, "ROOTFS_HOST"))
		args_bus_9p(argv, config, "root", "/",
			    "security_model=passthrough,readonly=on");

	if (!config_is_on(config, "VM_KMOD"))
		return;
	path = str_printf("%s/modules", dir);
	if (!path)
		argv->err = -ENOMEM;
	else
		args_bus_9p(argv, config, "kmod", path,
			    "security_model=none,readonly=on");
	free(path);
}

/* What the first stage is told of the root; "" for nothing.  NULL without memory. */
static char *root_words(const struct config *config)
{
	const char *init = config_text(config, "ROOTFS_INIT");
	const char *disk = config_text(config, "ROOTFS_DISK_ROOT");

	if (config_is_on(config, "ROOTFS_DQIB_KERNEL"))
		return str_printf(" rdinit=/kiln/init KILN_ROOT=later root=%s rw",
				  disk);
	if (config_is_on(config, "ROOTFS_SWITCH"))
		return str_printf(" KILN_NEXT=rw,disk,%s KILN_NEXT_INIT=%s",
				  disk, init);
	if (config_is_on(config, "ROOTFS_IS_9P"))
		return str_printf(" KILN_ROOT=%s,9p,root",
				  config_is_on(config, "ROOTFS_KEPT") ?
				  "rw" : "overlay");
	if (config_is_on(config, "ROOTFS_IS_DISK"))
		return str_printf(" KILN_ROOT=rw,disk,%s", disk);
	return strdup(config_is_on(config, "ROOTFS_IS_CPIO") ?
		      " rdinit=/kiln/init" : "");
}

/* The init that the first stage starts; "": its own default. */
static const char *first_init(const struct config *config, bool no_init)
{
	/* Without it there is no root. */
	if (config_is_on(config, "ROOTFS_DQIB_KERNEL"))
		return "/init";
	if (no_init)
		return "none";
	if (config_is_on(config, "ROOTFS_SWITCH"))
		return "shell";
	return has_init(config) ? config_text(config, "ROOTFS_INIT") : "";
}

char *args_root_append(const struct config *config, bool no_init)
{
	const char *init = first_init(config, no_init);
	char *words = root_words(config);
	char *text;

	if (!words)
		return NULL;
	text = str_printf("%s%s%s%s", words,
			  config_is_on(config, "VM_KMOD") ?
			  " KILN_SHARE_KMOD=ro,kmod,/root/kmod" : "",
			  *init ? " KILN_INIT=" : "", init);
	free(words);
	return text;
}
