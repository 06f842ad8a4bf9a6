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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/proc.h"
#include "lib/str.h"

/* How long the parent of somebody's child may take to tell how that ended. */
#define TELL_MS 2000

/* Returns 0 and the real path if the file can be executed, or -errno. */
static int proc_try_program(char **ret, const char *path)
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
		return proc_try_program(ret, name);

	while (list && *name) {
		len = strcspn(list, ":");
		path = str_printf("%.*s/%s", (int)len, list, name);
		/* An empty entry means the working directory. */
		err = proc_try_program(ret, len ? path : name);
		free(path);
		if (!err)
			return 0;
		list = list[len] ? list + len + 1 : NULL;
	}
	return err;
}

/* The caller keeps 0 to 2 in use, so none of std is one of them. */
static bool proc_leave_terminal(const int *std)
{
	const struct rlimit none = { 0, 0 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int i;

	for (i = 0; i < 3; i++)
		if (dup2(std[i] < 0 ? null : std[i], i) < 0)
			return false;
	/* We may have inherited descriptors that are meant for another program. */
	syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	return setsid() >= 0 && setrlimit(RLIMIT_CORE, &none) >= 0;
}

static bool proc_keep_open(const struct proc_spec *spec)
{
	size_t i;

	for (i = 0; i < spec->keeps; i++)
		if (fcntl(spec->keep[i], F_SETFD, 0) < 0)
			return false;
	return true;
}

/* In the child: become the program, or return why not. */
static int proc_become(const struct proc_spec *spec, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, spec->death_signal) < 0)
		return -errno;
	/* The parent may have ended before prctl() was called. */
	if (getppid() != parent)
		return -ESRCH;
	/* Where there is no Yama to forbid that, it need not be allowed. */
	if (spec->is_open)
		prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	if (spec->std && !proc_leave_terminal(spec->std))
		return -errno;
	if (spec->dir && chdir(spec->dir) < 0)
		return -errno;
	if (!proc_keep_open(spec))
		return -errno;
	if (sigprocmask(SIG_SETMASK, spec->mask, NULL) < 0)
		return -errno;
	execv(spec->path, spec->argv);
	return -errno;
}

/* When exec succeeds, the write end is closed without a byte. */
static int proc_read_exec_error(int fd)
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
		err = proc_become(spec, parent);
		if (write(pipefd[1], &err, sizeof(err)) < 0)
			_exit(126);
		_exit(127);
	}
	err = proc.pid < 0 ? -errno : 0;
	close(pipefd[1]);
	if (!err)
		err = proc_read_exec_error(pipefd[0]);
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

long long proc_deadline(int ms)
{
	return clock_ms() + ms;
}

static int proc_poll_timeout(long long deadline)
{
	long long left;

	if (deadline == PROC_NEVER)
		return -1;
	left = deadline - clock_ms();
	if (left < 0)
		return 0;
	return left < INT_MAX ? left : INT_MAX;
}

void proc_tell(const struct proc *proc, int teller)
{
	/* Who does not listen any more need not know. */
	send(teller, &proc->status, sizeof(proc->status), MSG_NOSIGNAL);
}

/* Its parent tells when it has reaped it.  If it ended before, it took the child along. */
static void proc_hear(struct proc *proc)
{
	struct pollfd pollfd = { .fd = proc->teller, .events = POLLIN };
	int status;

	proc->status = SIGKILL;
	if (poll(&pollfd, 1, TELL_MS) > 0 &&
	    recv(proc->teller, &status, sizeof(status), MSG_DONTWAIT) ==
	    sizeof(status))
		proc->status = status;
	close(proc->teller);
	proc->teller = 0;
}

int proc_wait(struct proc *proc, int fd, long long deadline)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = proc->fd, .events = POLLIN },
	};
	int n;

	/* A stop and a continue give EINTR. */
	do {
		n = poll(fds, 2, proc_poll_timeout(deadline));
	} while (n < 0 && errno == EINTR);

	if (n < 0)
		return -errno;
	if (!n)
		return -ETIMEDOUT;
	if (fds[0].revents)
		return -EAGAIN;

	if (proc->teller)
		proc_hear(proc);
	else if (waitpid(proc->pid, &proc->status, 0) < 0)
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
