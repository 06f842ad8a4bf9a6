// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "guest/fs.h"
#include "guest/root.h"
#include "guest/text.h"
#include "lib/macros.h"

struct root_mount {
	const char *type;
	const char *path;
	const char *options;
};

/* What an init expects, or leaves as it is. */
static const struct root_mount basic[] = {
	{ "proc", "/proc", NULL },
	{ "sysfs", "/sys", NULL },
	{ "devtmpfs", "/dev", "mode=755" },
	{ "devpts", "/dev/pts", "mode=620,gid=5,ptmxmode=666" },
	{ "tmpfs", "/dev/shm", "mode=1777" },
};

static const struct root_mount more[] = {
	{ "debugfs", "/sys/kernel/debug", NULL },
	{ "tracefs", "/sys/kernel/tracing", NULL },
	{ "tmpfs", "/tmp", "mode=1777" },
	{ "tmpfs", "/run", "mode=755" },
};

/* A second instance would hide what is in use already. */
static bool root_is_mounted(const char *path)
{
	char bytes[40];
	struct text parent = TEXT_IN(bytes);
	struct stat above, st;

	text_add(&parent, path);
	text_add(&parent, "/..");
	return !stat(path, &st) && !stat(bytes, &above) &&
	       st.st_dev != above.st_dev;
}

static void root_mount_all(const struct root_mount *mounts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		/* devtmpfs has no folders for these. */
		if (!strncmp(mounts[i].path, "/dev/", 5))
			mkdir(mounts[i].path, 0755);
		if (!root_is_mounted(mounts[i].path))
			mount(mounts[i].type, mounts[i].path, mounts[i].type, 0,
			      mounts[i].options);
	}
}

static void root_name_host(void)
{
	int fd = open("/etc/hostname", O_RDONLY | O_CLOEXEC);
	char name[65];
	ssize_t n;

	if (fd < 0)
		return;
	n = read(fd, name, sizeof(name) - 1);
	close(fd);
	if (n <= 0)
		return;
	name[n] = '\0';
	sethostname(name, strcspn(name, "\n"));
}

void root_mount(void)
{
	root_mount_all(basic, ARRAY_SIZE(basic));
}

void root_prepare(void)
{
	root_mount();
	root_mount_all(more, ARRAY_SIZE(more));
	root_name_host();
}

static bool root_is_in_initramfs(void)
{
	struct statfs fs;

	return !statfs("/", &fs) &&
	       (fs.f_type == RAMFS_MAGIC || fs.f_type == TMPFS_MAGIC);
}

bool root_follow(void)
{
	int fd;

	if (!root_is_in_initramfs())
		return true;
	fd = fs_open_proc("1/root", O_PATH | O_DIRECTORY);
	if (fd < 0)
		return false;
	if (fchdir(fd) < 0 || chroot(".") < 0)
		errno = 0;
	close(fd);
	return !root_is_in_initramfs();
}
