// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/fs.h"

int fs_mount(const char *type)
{
	int context, fd;

	context = syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
	if (context < 0)
		return -errno;
	fd = syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (!fd)
		fd = syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	if (fd < 0)
		fd = -errno;
	close(context);
	return fd;
}

int fs_open_folder(const char *type, const char *folder)
{
	int dir;

	/* An ordinary user may not mount, but it is mounted already. */
	dir = fs_mount(type);
	if (dir < 0)
		dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -errno : dir;
}

static int fs_open_in(const char *type, const char *folder, const char *path,
		      int flags)
{
	int dir, fd;

	dir = fs_open_folder(type, folder);
	if (dir < 0)
		return dir;
	fd = openat(dir, path, flags | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	close(dir);
	return fd;
}

ssize_t fs_read(int at, const char *path, char *to, size_t room)
{
	int fd = openat(at, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, to, room - 1);
	close(fd);
	to[n > 0 ? n : 0] = '\0';
	return n;
}

static int proc = -1; /* kept open by an agent that is not the first process */

int fs_open_proc(const char *path, int flags)
{
	int fd;

	if (proc < 0)
		return fs_open_in("proc", "/proc", path, flags);
	fd = openat(proc, path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int fs_open_dev(const char *path, int flags)
{
	return fs_open_in("devtmpfs", "/dev", path, flags);
}

void fs_protect(bool is_agent)
{
	const char *score = is_agent ? "-1000" : "0";
	int fd;

	/* The first process is never killed; /proc costs some 10 ms under TCG. */
	if ((is_agent ? getpid() : getppid()) == 1)
		return;
	if (is_agent)
		proc = fs_open_folder("proc", "/proc");
	fd = fs_open_proc("self/oom_score_adj", O_WRONLY);
	if (fd < 0)
		return;
	/* An ordinary user may not lower the score. */
	if (write(fd, score, strlen(score)) < 0)
		errno = 0;
	close(fd);
}

void fs_release(void)
{
	if (proc >= 0)
		close(proc);
	proc = -1;
}
