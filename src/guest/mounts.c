// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/disk.h"
#include "guest/fs.h"
#include "guest/mounts.h"
#include "guest/user.h"
#include "lib/macros.h"

/* Folders in the initramfs */
#define OWN "/kiln"
#define MODULES OWN "/modules"
#define ROOT OWN "/root"
#define LOWER OWN "/lower"
#define TOP OWN "/top"

/* The largest msize of virtio.  Only a root that nobody else changes is cached. */
#define OPTIONS_9P "trans=virtio,version=9p2000.L,msize=512000,"
#define CACHED OPTIONS_9P "cache=loose"
#define SHARED OPTIONS_9P "cache=mmap"

/* The agent knows it of the first process, which it comes from. */
static bool are_shared;

/* The value of a variable if its name begins with `name`, or NULL. */
static const char *mounts_value_of(const char *variable, const char *name)
{
	const char *value = strchr(variable, '=');

	return value && !strncmp(variable, name, strlen(name)) ? value + 1 : NULL;
}

static int mounts_fail(struct text *why, int err, const char *what,
		       const char *name, const char *remedy)
{
	text_add(why, what);
	text_add(why, name);
	text_add(why, ": ");
	text_add(why, strerror(-err));
	text_add(why, remedy);
	return err;
}

bool mounts_parse(struct mounts_order *ret, const char *value)
{
	static const char *const modes[] = {
		[MOUNTS_RO] = "ro,",
		[MOUNTS_RW] = "rw,",
		[MOUNTS_OVERLAY] = "overlay,",
	};
	struct text kind = TEXT_IN(ret->kind);
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(modes); i++)
		if (!strncmp(value, modes[i], strlen(modes[i])))
			break;
	if (i == ARRAY_SIZE(modes))
		return false;
	ret->mode = i;
	value += strlen(modes[i]);
	len = strcspn(value, ",");
	if (!len || len >= sizeof(ret->kind) || !value[len] || !value[len + 1])
		return false;
	text_add_bytes(&kind, value, len);
	ret->rest = value + len + 1;
	return true;
}

/* The next type of file system for disks in *list, which advances; or NULL. */
static char *mounts_next_type(char **list)
{
	char *line, *end;

	while ((end = strchr(*list, '\n'))) {
		line = *list;
		*list = end + 1;
		*end = '\0';
		if (*line == '\t')
			return line + 1;
	}
	return NULL;
}

static int mounts_any(const char *device, const char *at, unsigned long flags)
{
	char types[4096];
	char *list = types;
	char *type;
	ssize_t n;
	int fd;

	fd = fs_open_proc("filesystems", O_RDONLY);
	if (fd < 0)
		return fd;
	n = read(fd, types, sizeof(types) - 1);
	close(fd);
	types[n > 0 ? n : 0] = '\0';

	while ((type = mounts_next_type(&list))) {
		if (!mount(device, at, type, flags | MS_SILENT, NULL))
			return 0;
		if (errno != EINVAL)
			return -errno;
	}
	return -EINVAL;
}

static int mounts_disk(const struct mounts_order *order, const char *at,
		       unsigned long flags, struct text *why)
{
	char device[PATH_MAX];
	struct text path = TEXT_IN(device);
	int err;

	if (disk_find(&path, order->rest) < 0) {
		text_add(why, "there is no disk ");
		text_add(why, order->rest);
		text_add(why, ": ROOTFS_DISK_ROOT in the menu names the root");
		return -ENOENT;
	}
	err = mounts_any(device, at, flags);
	if (err == -EINVAL) {
		text_add(why, device);
		text_add(why, " has no file system that this kernel knows");
	} else if (err < 0) {
		mounts_fail(why, err, "cannot mount ", device, "");
	}
	return err;
}

static int mounts_fail_folder(struct text *why, const char *tag,
			      const char *lack)
{
	return mounts_fail(why, -errno, "cannot mount the host's folder ", tag,
			   errno == ENODEV ? lack : "");
}

static int mounts_9p(const char *tag, const char *at, unsigned long flags,
		     const char *options, struct text *why)
{
	if (!mount(tag, at, "9p", flags, options))
		return 0;
	return mounts_fail_folder(why, tag, " (the kernel lacks 9p)");
}

/* Mount a folder that the host may change meanwhile. */
static int mounts_folder(const char *tag, const char *at, unsigned long flags,
			 struct text *why)
{
	if (strncmp(tag, "virtiofs", 8))
		return mounts_9p(tag, at, flags, SHARED, why);
	if (!mount(tag, at, "virtiofs", flags, NULL))
		return 0;
	return mounts_fail_folder(why, tag, " (the kernel lacks virtiofs)");
}

/* Mount the root itself, or the lower layer of the overlay. */
static int mounts_base(const struct mounts_order *order, const char *at,
		       struct text *why)
{
	unsigned long flags = order->mode == MOUNTS_RW ? 0 : MS_RDONLY;

	if (!strcmp(order->kind, "9p"))
		return mounts_9p(order->rest, at, flags,
				 flags ? CACHED : SHARED, why);
	return mounts_disk(order, at, flags, why);
}

static int mounts_overlay(struct text *why)
{
	if (mount("tmpfs", TOP, "tmpfs", 0, "mode=755") < 0 ||
	    mkdir(TOP "/changes", 0755) < 0 || mkdir(TOP "/work", 0755) < 0 ||
	    mount("overlay", ROOT, "overlay", 0,
		  "lowerdir=" LOWER ",upperdir=" TOP "/changes,workdir=" TOP "/work") < 0)
		return mounts_fail(why, -errno, "cannot mount the overlay", "",
				   "");
	return 0;
}

/* From here on, paths are those of the new root. */
static int mounts_enter_root(struct text *why)
{
	if (chdir(ROOT) < 0)
		return mounts_fail(why, -errno, "cannot enter the root", "",
				   "");
	/* Some roots expect /dev, which the kernel may mount by itself. */
	mount("/dev", "dev", NULL, MS_MOVE, NULL);
	if (mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 ||
	    chdir("/") < 0)
		return mounts_fail(why, -errno, "cannot enter the root", "",
				   "");
	return 0;
}

/* If the root is the host's system, an unprivileged QEMU cannot read /root. */
static void mounts_make_home(void)
{
	int fd = open("/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	else if (errno == EACCES)
		mount("tmpfs", "/root", "tmpfs", 0, "mode=700");
}

/* What the host keeps there is of this moment. */
static void mounts_make_fresh(void)
{
	mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777");
	mount("tmpfs", "/run", "tmpfs", 0, "mode=755");
}

static int mounts_make_root(const char *variable, const char *name,
			    struct text *why)
{
	const char *value = mounts_value_of(variable, name);
	static const char *const folders[] = { OWN, ROOT, LOWER, TOP, "/dev" };
	struct mounts_order order;
	bool is_over;
	size_t i;
	int err;

	if (!value || !strcmp(value, "later"))
		return 0;
	if (!mounts_parse(&order, value) ||
	    (strcmp(order.kind, "9p") && strcmp(order.kind, "disk"))) {
		text_add(why, variable);
		text_add(why, " is not MODE,TYPE,SOURCE with ro, rw or overlay, and 9p or disk");
		return -EINVAL;
	}
	for (i = 0; i < ARRAY_SIZE(folders); i++)
		mkdir(folders[i], 0755);
	mount("devtmpfs", "/dev", "devtmpfs", 0, "mode=755");

	is_over = order.mode == MOUNTS_OVERLAY;
	err = mounts_base(&order, is_over ? LOWER : ROOT, why);
	if (!err && is_over)
		err = mounts_overlay(why);
	if (!err)
		err = mounts_enter_root(why);
	if (!err)
		mounts_make_home();
	if (!err && user_has_host())
		mounts_make_fresh();
	return err;
}

static void mounts_make_folders(const char *path)
{
	char bytes[PATH_MAX];
	struct text part = TEXT_IN(bytes);
	size_t len;

	while (*path) {
		len = strcspn(path + 1, "/") + 1;
		text_add_bytes(&part, path, len);
		mkdir(bytes, 0755);
		path += len;
	}
}

static int mounts_make_share(const char *variable, struct text *why)
{
	const char *value = mounts_value_of(variable, "KILN_SHARE");
	struct mounts_order order;

	if (!value)
		return 0;
	if (!mounts_parse(&order, value) || order.mode == MOUNTS_OVERLAY ||
	    *order.rest != '/') {
		text_add(why, variable);
		text_add(why, " is not MODE,TAG,FOLDER with ro or rw");
		return -EINVAL;
	}
	mounts_make_folders(order.rest);
	return mounts_folder(order.kind, order.rest,
			     order.mode == MOUNTS_RO ? MS_RDONLY : 0, why);
}

/* A clone of the tree, which outlives the initramfs; a descriptor or -errno. */
static int mounts_open_modules(const char *path)
{
	int fd = syscall(SYS_open_tree, AT_FDCWD, path,
			 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void mounts_bind_modules(int fd)
{
	mounts_make_folders("/lib/modules");
	/* Without /lib/modules a root still works. */
	syscall(SYS_move_mount, fd, "", AT_FDCWD, "/lib/modules",
		MOVE_MOUNT_F_EMPTY_PATH);
	close(fd);
}

/* Are the modules of the initramfs, wherever it has them, for another kernel? */
static bool mounts_has_alien_modules(void)
{
	const char *value = NULL;
	char **variable;

	for (variable = environ; *variable && !value; variable++)
		value = mounts_value_of(*variable, "KILN_MODULES=");
	return value && !strcmp(value, "none");
}

/* Mount the root that this variable names, and the modules in it. */
static int mounts_all(const char *root, const char *from, struct text *why)
{
	int modules = mounts_has_alien_modules() ? -1 :
						   mounts_open_modules(from);
	char **variable;
	int err = 0;

	for (variable = environ; *variable && !err; variable++)
		err = mounts_make_root(*variable, root, why);
	if (!err && modules >= 0)
		mounts_bind_modules(modules);
	return err;
}

int mounts_share(struct text *why)
{
	char **variable;
	int err = 0;

	if (are_shared)
		return 0;
	for (variable = environ; *variable && !err; variable++)
		err = mounts_make_share(*variable, why);
	are_shared = !err;
	return err;
}

int mounts_make(struct text *why)
{
	/* Where there is no folder of ours, the root is the lab's, in the initramfs. */
	if (mounts_has_alien_modules() && access(OWN, F_OK) < 0)
		mount("tmpfs", "/lib/modules", "tmpfs", 0, "mode=755");
	return mounts_all("KILN_ROOT=", MODULES, why);
}

int mounts_next(struct text *why)
{
	struct mounts_order order;
	const char *value;
	char **variable;
	int err;

	/* A tag can be mounted once. */
	for (variable = environ; *variable; variable++) {
		value = mounts_value_of(*variable, "KILN_SHARE");
		if (value && mounts_parse(&order, value))
			umount2(order.rest, MNT_DETACH);
	}
	are_shared = false;
	err = mounts_all("KILN_NEXT=", "/lib/modules", why);
	return err < 0 ? err : mounts_share(why);
}
