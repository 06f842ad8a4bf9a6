// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "file.h"
#include "lock.h"

static pid_t read_holder(const char *path)
{
	pid_t pid;
	char *text;

	if (file_read(&text, path) < 0)
		return 0;
	pid = atoi(text);
	free(text);
	return pid;
}

int lock_take(const char *path, pid_t *holder)
{
	int fd, err;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		err = -errno;
		if (err == -EAGAIN)
			*holder = read_holder(path);
		goto err_close_fd;
	}

	if (ftruncate(fd, 0) < 0 || dprintf(fd, "%d\n", getpid()) < 0) {
		err = -errno;
		goto err_close_fd;
	}
	return fd;

err_close_fd:
	close(fd);
	return err;
}
