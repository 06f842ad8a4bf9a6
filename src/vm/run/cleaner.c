// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/qemu/state.h"
#include "vm/run/cleaner.h"

/* What is there only while a machine runs, or while it is written. */
static const char *const work_files[] = { "control", "gdb", NULL };
static const char *const results_files[] = { "result.json.tmp",
					     "reproduce.sh.tmp",
					     "vmcore.tmp", NULL };
static const char *const vm_files[] = { "accel.tmp", NULL };

static void cleaner_remove(const char *dir, const char *const *files)
{
	if (chdir(dir) < 0)
		return;
	for (; *files; files++)
		unlink(*files);
}

static void cleaner_tidy(const struct cleaner_spec *spec)
{
	term_restore(spec->term);
	cleaner_remove(spec->work, work_files);
	cleaner_remove(spec->results, results_files);
	cleaner_remove(spec->vm, vm_files);
	state_tidy("state");
}

static void cleaner_clean(const struct cleaner_spec *spec, int fd)
{
	sigset_t all;
	ssize_t n;
	char c;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	prctl(PR_SET_NAME, "vm-cleaner");
	setsid();
	if (chdir("/") < 0)
		return;

	/* Others must not wait for our pipes to close, nor sockets live on. */
	dup2(spec->lock, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (!spec->term->is_tty)
		close(STDIN_FILENO);
	syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);

	do {
		n = read(STDERR_FILENO, &c, 1);
	} while (n < 0 && errno == EINTR);
	if (!n)
		cleaner_tidy(spec);
}

int cleaner_start(struct cleaner *ret, const struct cleaner_spec *spec)
{
	int pipefd[2];
	pid_t pid;

	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return -errno;

	pid = fork();
	if (!pid) {
		close(pipefd[1]);
		cleaner_clean(spec, pipefd[0]);
		_exit(0);
	}
	close(pipefd[0]);
	if (pid < 0) {
		close(pipefd[1]);
		return -EAGAIN;
	}
	*ret = (struct cleaner){ .pid = pid, .fd = pipefd[1] };
	return 0;
}

void cleaner_dismiss(struct cleaner *cleaner)
{
	if (!cleaner->pid)
		return;
	if (write(cleaner->fd, "", 1) < 0)
		kill(cleaner->pid, SIGKILL);
	close(cleaner->fd);
	waitpid(cleaner->pid, NULL, 0);
	cleaner->pid = 0;
}
