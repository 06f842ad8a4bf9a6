// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "fs.h"
#include "macros.h"
#include "root.h"

static const struct {
	const char *type;
	const char *path;
	const char *options;
} mounts[] = {
	{ "proc", "/proc", NULL },
	{ "sysfs", "/sys", NULL },
	{ "debugfs", "/sys/kernel/debug", NULL },
	{ "tracefs", "/sys/kernel/tracing", NULL },
	{ "devtmpfs", "/dev", "mode=755" },
	{ "devpts", "/dev/pts", "mode=620,gid=5,ptmxmode=666" },
	{ "tmpfs", "/dev/shm", "mode=1777" },
	{ "tmpfs", "/tmp", "mode=1777" },
	{ "tmpfs", "/run", "mode=755" },
};

static void mount_all(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mounts); i++) {
		/* In devtmpfs nobody else makes the folders. */
		if (!strncmp(mounts[i].path, "/dev/", 5))
			mkdir(mounts[i].path, 0755);
		mount(mounts[i].type, mounts[i].path, mounts[i].type, 0,
		      mounts[i].options);
	}
}

static void loopback_up(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	ioctl(fd, SIOCSIFFLAGS, &lo);
	close(fd);
}

static void name_host(void)
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

void root_prepare(void)
{
	mount_all();
	loopback_up();
	name_host();
}

static bool is_in_initramfs(void)
{
	struct statfs fs;

	return !statfs("/", &fs) &&
	       (fs.f_type == RAMFS_MAGIC || fs.f_type == TMPFS_MAGIC);
}

bool root_follow(void)
{
	int fd;

	if (!is_in_initramfs())
		return true;
	fd = fs_open_proc("1/root", O_PATH | O_DIRECTORY);
	if (fd < 0)
		return false;
	if (fchdir(fd) < 0 || chroot(".") < 0)
		errno = 0;
	close(fd);
	return !is_in_initramfs();
}
