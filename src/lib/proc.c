// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "proc.h"
#include "str.h"

/* Returns 0 and the real path if the file can be executed, or -errno. */
static int try_program(char **ret, const char *path)
{
	struct stat st;
	char *real;

	if (stat(path, &st) < 0 || access(path, X_OK) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	real = realpath(path, NULL);
	if (!real)
		return -errno;
	*ret = real;
	return 0;
}

int proc_find(char **ret, const char *name)
{
	const char *list = getenv("PATH");
	int err = -ENOENT;
	size_t len;
	char *path;

	if (strchr(name, '/'))
		return try_program(ret, name);

	while (list && *name) {
		len = strcspn(list, ":");
		path = str_printf("%.*s/%s", (int)len, list, name);
		if (!path)
			return -ENOMEM;
		/* An empty entry means the working directory. */
		err = try_program(ret, len ? path : name);
		free(path);
		if (!err)
			return 0;
		list = list[len] ? list + len + 1 : NULL;
	}
	return err;
}

/* None of the descriptors is one of our own standard ones. */
static bool leave_terminal(const int *std)
{
	const struct rlimit none = { 0, 0 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int i;

	for (i = 0; i < 3; i++)
		if (dup2(std[i] < 0 ? null : std[i], i) < 0)
			return false;
	/* We may have been given some that are not ours, for another program. */
	syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	return setsid() >= 0 && setrlimit(RLIMIT_CORE, &none) >= 0;
}

static bool keep_open(const struct proc_spec *spec)
{
	size_t i;

	for (i = 0; i < spec->keeps; i++)
		if (fcntl(spec->keep[i], F_SETFD, 0) < 0)
			return false;
	return true;
}

/* In the child: become the program, or return why not. */
static int become(const struct proc_spec *spec, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, spec->death_signal) < 0)
		return -errno;
	/* It may have ended before the line above. */
	if (getppid() != parent)
		return -ESRCH;
	if (spec->std && !leave_terminal(spec->std))
		return -errno;
	if (spec->dir && chdir(spec->dir) < 0)
		return -errno;
	if (!keep_open(spec))
		return -errno;
	if (sigprocmask(SIG_SETMASK, spec->mask, NULL) < 0)
		return -errno;
	execv(spec->path, spec->argv);
	return -errno;
}

/* The write end closes by itself when exec succeeds. */
static int read_exec_error(int fd)
{
	int err = 0;
	ssize_t n;

	do {
		n = read(fd, &err, sizeof(err));
	} while (n < 0 && errno == EINTR);
	return n == sizeof(err) ? err : 0;
}

int proc_spawn(struct proc *ret, const struct proc_spec *spec)
{
	struct proc proc = {};
	pid_t parent = getpid();
	int pipefd[2];
	int err;

	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return -errno;

	proc.pid = fork();
	if (!proc.pid) {
		err = become(spec, parent);
		if (write(pipefd[1], &err, sizeof(err)) < 0)
			_exit(126);
		_exit(127);
	}
	err = proc.pid < 0 ? -errno : 0;
	close(pipefd[1]);
	if (!err)
		err = read_exec_error(pipefd[0]);
	close(pipefd[0]);
	if (proc.pid < 0)
		return err;
	if (err < 0)
		goto err_reap_child;

	proc.fd = syscall(SYS_pidfd_open, proc.pid, 0);
	if (proc.fd < 0) {
		err = -errno;
		goto err_kill_child;
	}
	*ret = proc;
	return 0;

err_kill_child:
	kill(proc.pid, SIGKILL);
err_reap_child:
	waitpid(proc.pid, NULL, 0);
	return err;
}

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

long long proc_deadline(int ms)
{
	return now() + ms;
}

static int poll_timeout(long long deadline)
{
	long long left;

	if (deadline == PROC_NEVER)
		return -1;
	left = deadline - now();
	if (left < 0)
		return 0;
	return left < INT_MAX ? left : INT_MAX;
}

int proc_wait(struct proc *proc, int fd, long long deadline)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = proc->fd, .events = POLLIN },
	};
	int n;

	/* EINTR comes from being stopped and continued. */
	do {
		n = poll(fds, 2, poll_timeout(deadline));
	} while (n < 0 && errno == EINTR);

	if (n < 0)
		return -errno;
	if (!n)
		return -ETIMEDOUT;
	if (fds[0].revents)
		return -EAGAIN;

	if (waitpid(proc->pid, &proc->status, 0) < 0)
		return -errno;
	close(proc->fd);
	proc->fd = -1;
	return 0;
}

void proc_signal(const struct proc *proc, int sig)
{
	syscall(SYS_pidfd_send_signal, proc->fd, sig, NULL, 0);
}

void proc_kill(struct proc *proc)
{
	proc_signal(proc, SIGKILL);
	proc_wait(proc, -1, PROC_NEVER);
}

char *proc_end_text(int status)
{
	const char *name;

	if (WIFEXITED(status))
		return str_printf("ended with status %d", WEXITSTATUS(status));

	name = sigabbrev_np(WTERMSIG(status));
	if (!name)
		return str_printf("was killed by signal %d", WTERMSIG(status));
	return str_printf("was killed by SIG%s", name);
}
