// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/lock.h"

static pid_t lock_read_holder(const char *path)
{
	pid_t pid;
	char *text;

	if (file_read(&text, path) < 0)
		return 0;
	pid = atoi(text);
	free(text);
	return pid;
}

/*
 * Wait in a child, which shares the open file that the lock belongs to, until fd is
 * readable.  Returns 0 or -errno.
 */
static int lock_wait(int lock, int fd)
{
	struct pollfd waits[] = { { .fd = fd, .events = POLLIN }, {} };
	int status = 0;
	int pipefd[2];
	pid_t pid;

	/* Its other end is closed when the child ends. */
	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(flock(lock, LOCK_EX) < 0 ? errno : 0);
	}
	close(pipefd[1]);
	waits[1].fd = pipefd[0];
	while (pid > 0 && poll(waits, 2, -1) < 0 && errno == EINTR)
		;
	close(pipefd[0]);
	if (pid < 0)
		return -EAGAIN;
	if (waits[0].revents)
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

int lock_await(const char *path, int fd)
{
	int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	int err = 0;

	if (lock < 0)
		return -errno;
	if (flock(lock, LOCK_EX | LOCK_NB) < 0)
		err = errno == EAGAIN ? lock_wait(lock, fd) : -errno;
	if (!err)
		return lock;
	close(lock);
	return err;
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
			*holder = lock_read_holder(path);
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

int lock_folder(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}
