// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "args-root.h"
#include "str.h"
#include "why.h"

#define BLANKS " \t\n\""

static bool is_in_initramfs(const struct config *config)
{
	return !config_is_on(config, "ROOTFS_IS_9P") &&
	       !config_is_on(config, "ROOTFS_IS_DISK");
}

static bool has_init(const struct config *config)
{
	return !is_in_initramfs(config) ||
	       config_is_on(config, "ROOTFS_FILE_CPIO");
}

int args_root_check(const struct config *config, char **why)
{
	const char *init = config_text(config, "ROOTFS_INIT");
	const char *root = config_text(config, "ROOTFS_FILE_ROOT");

	if (has_init(config) && strcmp(init, "shell") &&
	    (*init != '/' || strpbrk(init, BLANKS)))
		return why_set(why, -EINVAL,
			       "CONFIG_ROOTFS_INIT is neither `shell' nor the path of a program: %s",
			       init);
	if (!config_is_on(config, "ROOTFS_FILE") ||
	    config_is_on(config, "ROOTFS_FILE_CPIO"))
		return 0;
	if (strpbrk(root, BLANKS) ||
	    (strncmp(root, "/dev/", 5) && strncmp(root, "LABEL=", 6) &&
	     strncmp(root, "UUID=", 5)))
		return why_set(why, -EINVAL,
			       "CONFIG_ROOTFS_FILE_ROOT is neither /dev/NAME, LABEL=... nor UUID=...: %s",
			       root);
	return 0;
}

const char *args_root_unsaved(const struct config *config)
{
	if (!is_in_initramfs(config))
		return "the root is not loaded with the kernel";
	return NULL;
}

void args_root_enter(struct argv *argv, const struct config *config,
		     bool is_root)
{
	if (is_root || !config_is_on(config, "ROOTFS_DEBIAN"))
		return;
	argv_add(argv, "unshare");
	argv_add(argv, "--user");
	argv_add(argv, "--map-root-user");
	argv_add(argv, "--map-auto");
	argv_add(argv, "--");
}

/* A folder of the host; model is QEMU's word for how owners are treated. */
static void add_9p(struct argv *argv, const struct config *config,
		   const char *tag, const char *path, const char *options)
{
	argv_add(argv, "-fsdev");
	/* One export may have several of the host's file systems. */
	argv_addf(argv, "local,id=%s,path=%s,multidevs=remap,%s", tag, path,
		  options);
	argv_add(argv, "-device");
	argv_addf(argv, "virtio-9p-%s,fsdev=%s,mount_tag=%s",
		  config_is_on(config, "VM_MICROVM") ? "device" : "pci", tag,
		  tag);
}

static void add_disk(struct argv *argv, const struct config *config,
		     const char *dir)
{
	bool is_image = config_is_on(config, "ROOTFS_IMAGE");
	const char *format = config_is_on(config, "ROOTFS_FILE_QCOW2") ?
		"qcow2" : "raw";

	argv_add(argv, "-drive");
	/* Changes to be lost go to a file without a name. */
	argv_addf(argv, "if=none,id=root,format=%s,file=%s/%s,discard=unmap%s",
		  is_image ? "raw" : format, dir,
		  is_image ? "debian/disk.img" : "rootfs/disk",
		  config_is_on(config, "ROOTFS_KEPT") ? "" : ",snapshot=on");
	argv_add(argv, "-device");
	argv_addf(argv, "virtio-blk-%s,drive=root",
		  config_is_on(config, "VM_MICROVM") ? "device" : "pci");
}

static void add_debian(struct argv *argv, const struct config *config,
		       const char *dir)
{
	char *path = str_printf("%s/debian/root", dir);

	if (!path)
		argv->err = -ENOMEM;
	else
		add_9p(argv, config, "root", path,
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
	else if (config_is_on(config, "ROOTFS_DEBIAN"))
		add_debian(argv, config, dir);
	else if (config_is_on(config, "ROOTFS_HOST"))
		add_9p(argv, config, "root", "/",
		       "security_model=passthrough,readonly=on");

	if (!config_is_on(config, "VM_KMOD"))
		return;
	path = str_printf("%s/modules", dir);
	if (!path)
		argv->err = -ENOMEM;
	else
		add_9p(argv, config, "kmod", path,
		       "security_model=none,readonly=on");
	free(path);
}

/* KILN_ROOT's value, or NULL. */
static char *root_value(const struct config *config)
{
	if (config_is_on(config, "ROOTFS_IS_9P"))
		return str_printf(config_is_on(config, "ROOTFS_KEPT") ?
				  "rw,9p,root" : "overlay,9p,root");
	if (config_is_on(config, "ROOTFS_IMAGE"))
		return str_printf("rw,disk,/dev/vda");
	return str_printf("rw,disk,%s", config_text(config, "ROOTFS_FILE_ROOT"));
}

char *args_root_append(const struct config *config, bool no_init)
{
	const char *init = config_text(config, "ROOTFS_INIT");
	char *root = NULL;
	char *text;

	if (!is_in_initramfs(config)) {
		root = root_value(config);
		if (!root)
			return NULL;
	}
	if (no_init)
		init = "none";
	else if (!has_init(config))
		init = "";
	text = str_printf("%s%s%s%s%s%s",
			  config_is_on(config, "ROOTFS_FILE_CPIO") ?
			  " rdinit=/kiln/init" : "",
			  root ? " KILN_ROOT=" : "", root ? root : "",
			  config_is_on(config, "VM_KMOD") ?
			  " KILN_SHARE_KMOD=ro,kmod,/root/kmod" : "",
			  *init ? " KILN_INIT=" : "", init);
	free(root);
	return text;
}
