// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"

int fd_open_nonblocking(int fd)
{
	char path[32];
	struct stat st;
	int ret;

	if (fstat(fd, &st) < 0)
		return -errno;
	/* In place of a closed descriptor stands one that takes nothing. */
	if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
		return -EINVAL;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ret = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return ret < 0 ? -errno : ret;
}

ssize_t fd_read(int fd, void *bytes, size_t size)
{
	ssize_t n;

	do {
		n = read(fd, bytes, size);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}
