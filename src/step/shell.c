// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "step/progress.h"
#include "step/shell.h"

/*
 * A reader that is woken for each line costs more than it does.  So the pipe is
 * large, and left alone for some milliseconds when it was nearly empty.
 */
#define PIPE_SIZE (1024 * 1024)
#define REST_MS 5

struct shell_loop {
	struct shell *shell;
	pid_t pid; /* of bash; 0 when it has ended */
	int signals; /* a signalfd */
	int pipe; /* what bash prints; -1 when nobody can write to it */
	bool resting; /* the pipe is left alone */
	size_t left; /* once bash has ended: bytes still to be read */
	size_t at_once; /* bytes which out takes without waiting for its reader */

	char bytes[64 * 1024]; /* read from the pipe */
	size_t start; /* those before are written to out */
	size_t end;
};

/* Never returns.  sigmask: the signals which the shell shall start with. */
static void shell_exec(const struct shell *shell, int out, const sigset_t *sigmask)
{
	int null;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigprocmask(SIG_SETMASK, sigmask, NULL);

	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		_exit(127);

	execlp("bash", "bash", shell->trace ? "-xeuo" : "-euo", "pipefail",
	       shell->script, NULL);
	fprintf(stderr, "step: cannot start bash: %s\n", strerror(errno));
	_exit(127);
}

/* SIGPIPE is among them: a reader of our output that ends is as good as ^C. */
static void shell_block_signals(sigset_t *set, sigset_t *old)
{
	static const int signals[] = {
		SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP, SIGWINCH,
	};
	size_t i;

	sigemptyset(set);
	for (i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(set, signals[i]);
	sigprocmask(SIG_BLOCK, set, old);
}

static int shell_start(struct shell_loop *loop)
{
	sigset_t set, old;
	int pipefd[2];
	int err;

	shell_block_signals(&set, &old);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_CHILD_SUBREAPER, 1);

	loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signals < 0)
		return -errno;
	if (pipe2(pipefd, O_CLOEXEC) < 0) {
		err = -errno;
		goto err_close_signals;
	}
	/* Refused to a user who has many: then it is smaller. */
	fcntl(pipefd[0], F_SETPIPE_SZ, PIPE_SIZE);
	fcntl(pipefd[0], F_SETFL, O_NONBLOCK);

	loop->pid = fork();
	if (!loop->pid)
		shell_exec(loop->shell, pipefd[1], &old);
	err = loop->pid < 0 ? -errno : 0;
	close(pipefd[1]);
	if (err)
		goto err_close_pipe;

	setpgid(loop->pid, loop->pid);
	loop->pipe = pipefd[0];
	return 0;

err_close_pipe:
	close(pipefd[0]);
err_close_signals:
	close(loop->signals);
	return err;
}

/* What the shell left behind must not write on while the next step reads. */
static void shell_end_group(pid_t group)
{
	kill(-group, SIGKILL);
	while (waitpid(-group, NULL, 0) > 0 || errno == EINTR)
		;
}

static void shell_signal_group(const struct shell_loop *loop, int sig)
{
	if (loop->pid)
		kill(-loop->pid, sig);
}

/*
 * What was printed is all in the pipe now.  Who still has it open, a daemon of
 * another group, may go on for ever.
 */
static void shell_check_end(struct shell_loop *loop)
{
	int bytes = 0;

	if (!loop->pid || waitpid(loop->pid, &loop->shell->status, WNOHANG) != loop->pid)
		return;

	shell_end_group(loop->pid);
	loop->pid = 0;
	if (loop->pipe >= 0 && !ioctl(loop->pipe, FIONREAD, &bytes))
		loop->left = bytes;
}

static void shell_stop_all(struct shell_loop *loop)
{
	progress_pause(loop->shell->progress);
	shell_signal_group(loop, SIGSTOP);
	raise(SIGSTOP);
	shell_signal_group(loop, SIGCONT);
	progress_resume(loop->shell->progress);
}

static void shell_pass_on(struct shell_loop *loop, int sig)
{
	loop->shell->signal = sig;
	shell_signal_group(loop, sig);
	/* Only a reader of our output can be in the way now: do without it. */
	if (!loop->pid) {
		loop->left = 0;
		loop->start = loop->end;
	}
}

static void shell_take_signals(struct shell_loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->signals, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD:
			shell_check_end(loop);
			break;
		case SIGTSTP:
			shell_stop_all(loop);
			break;
		case SIGWINCH:
			progress_redraw(loop->shell->progress);
			break;
		default:
			shell_pass_on(loop, info.ssi_signo);
		}
	}
}

static void shell_take_output(struct shell_loop *loop)
{
	size_t room = sizeof(loop->bytes);
	ssize_t n;

	if (!loop->pid && loop->left < room)
		room = loop->left;
	n = read(loop->pipe, loop->bytes, room);
	if (n < 0)
		return;
	if (!n) {
		close(loop->pipe);
		loop->pipe = -1;
		loop->left = 0;
		return;
	}

	progress_count(loop->shell->progress, loop->bytes, n);
	if (!loop->pid)
		loop->left -= n;
	loop->resting = loop->pid && (size_t)n < sizeof(loop->bytes);
	/* If it cannot be written, it is read all the same: who prints must end. */
	loop->start = 0;
	loop->end = loop->shell->out_err ? 0 : n;
}

static void shell_give_output(struct shell_loop *loop)
{
	size_t size = loop->end - loop->start;
	ssize_t n;

	if (size > loop->at_once)
		size = loop->at_once;
	n = write(loop->shell->out, loop->bytes + loop->start, size);
	if (n >= 0) {
		loop->start += n;
	} else if (errno != EAGAIN && errno != EINTR) {
		loop->shell->out_err = -errno;
		loop->start = loop->end;
		shell_signal_group(loop, SIGTERM);
	}
}

static int shell_timeout(const struct shell_loop *loop)
{
	int ms = progress_timeout(loop->shell->progress);

	return loop->resting && (ms < 0 || ms > REST_MS) ? REST_MS : ms;
}

/* Wait for what comes next, and deal with it. */
static void shell_turn(struct shell_loop *loop)
{
	bool giving = loop->start < loop->end;
	struct pollfd fds[] = {
		{ .fd = loop->signals, .events = POLLIN },
		{ .fd = giving ? loop->shell->out : loop->resting ? -1 : loop->pipe,
		  .events = giving ? POLLOUT : POLLIN },
	};
	int n = poll(fds, 2, shell_timeout(loop));

	if (n < 0)
		return;
	if (!giving)
		loop->resting = false;
	if (fds[1].revents && giving)
		shell_give_output(loop);
	else if (fds[1].revents)
		shell_take_output(loop);
	if (fds[0].revents)
		shell_take_signals(loop);
	progress_draw(loop->shell->progress);
}

static bool shell_is_done(const struct shell_loop *loop)
{
	return !loop->pid && !loop->left && loop->start == loop->end;
}

int shell_run(struct shell *shell)
{
	struct shell_loop loop = { .shell = shell, .pipe = -1 };
	struct stat st;
	int err;

	err = shell_start(&loop);
	if (err)
		return err;

	/* A pipe that is ready takes so much at least; a file takes all. */
	loop.at_once = PIPE_BUF;
	if (!fstat(shell->out, &st) && S_ISREG(st.st_mode))
		loop.at_once = sizeof(loop.bytes);

	while (!shell_is_done(&loop))
		shell_turn(&loop);

	if (loop.pipe >= 0)
		close(loop.pipe);
	close(loop.signals);
	return 0;
}
