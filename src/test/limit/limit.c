// SPDX-License-Identifier: GPL-2.0-only
/*
 * limit - runs a test, which may take so long and leave nothing behind
 *
 *	limit SECONDS TEST
 *
 * prove waits until the last process has closed the output of a test: one that hangs,
 * or that the test forgot, would hold up all others.  Here it is ended and named, and
 * the test has failed.  Otherwise limit ends as the test did.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"
#include "proc.h"

/* What is told to end, or is ending, has so long for it. */
#define GRACE_MS 10000

static sigset_t signals; /* those we wait for */
static pid_t test; /* 0 when it has ended */
static int test_status; /* as from waitpid() */

typedef void each_fn(pid_t pid);

/* Call for each process below pid, parents first. */
static void for_all_below(pid_t pid, each_fn *each)
{
	char path[64];
	FILE *file;
	int child;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fscanf(file, "%d", &child) == 1) {
		each(child);
		for_all_below(child, each);
	}
	fclose(file);
}

static void terminate(pid_t pid)
{
	kill(pid, SIGTERM);
}

static void destroy(pid_t pid)
{
	kill(pid, SIGKILL);
}

/* The words it was started with. */
static void show(pid_t pid)
{
	char path[64], words[120];
	size_t size = 0, i;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	file = fopen(path, "re");
	if (file) {
		size = fread(words, 1, sizeof(words), file);
		fclose(file);
	}
	for (i = 0; i < size; i++)
		if ((unsigned char)words[i] < ' ')
			words[i] = ' ';
	fprintf(stderr, "\tprocess %d: %.*s\n", pid, (int)size, words);
}

/* Returns the signal that came, or 0 when it is the deadline. */
static int next_signal(long long deadline)
{
	long long ms = deadline - loop_now();
	struct timespec left = { ms / 1000, ms % 1000 * 1000000 };
	int sig;

	do {
		sig = ms > 0 ? sigtimedwait(&signals, NULL, &left) : 0;
	} while (sig < 0 && errno == EINTR);
	return sig < 0 ? 0 : sig;
}

/* Clear away what has ended.  Returns false when nothing is left. */
static bool reap(void)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == test) {
			test = 0;
			test_status = status;
		}
	}
	return !pid;
}

/* Returns whether something is left after the time of grace. */
static bool is_left(void)
{
	long long deadline = loop_now() + GRACE_MS;

	while (reap())
		if (!next_signal(deadline))
			return true;
	return false;
}

static void end_all(void)
{
	for_all_below(getpid(), terminate);
	while (is_left())
		for_all_below(getpid(), destroy);
}

static int start(char **argv)
{
	sigset_t old;
	struct proc_spec spec = {
		.path = argv[0], .argv = argv, .mask = &old, .death_signal = SIGTERM,
	};
	struct proc proc;
	int err;

	/* What a shell starts in the background ignores these; tests send them. */
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, &old);
	/* prove may end first; and what has lost its parent is ours. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_CHILD_SUBREAPER, 1);

	err = proc_spawn(&proc, &spec);
	if (err)
		return err;
	test = proc.pid;
	return 0;
}

/* Returns the exit status. */
static int run(const char *name, int seconds)
{
	long long deadline = loop_now() + seconds * 1000LL;
	int sig;

	while (test) {
		sig = next_signal(deadline);
		if (!sig) {
			fprintf(stderr, "limit: %s takes more than %d s, in these:\n",
				name, seconds);
			for_all_below(getpid(), show);
			end_all();
			return 1;
		}
		if (sig != SIGCHLD) {
			end_all();
			return 128 + sig;
		}
		reap();
	}

	if (is_left()) {
		fprintf(stderr, "limit: %s has ended, and left these:\n", name);
		for_all_below(getpid(), show);
		end_all();
		return 1;
	}
	if (WIFSIGNALED(test_status))
		return 128 + WTERMSIG(test_status);
	return WEXITSTATUS(test_status);
}

int main(int argc, char **argv)
{
	int seconds = argc == 3 ? atoi(argv[1]) : 0;
	int err;

	if (seconds <= 0) {
		fputs("usage: limit SECONDS TEST\n", stderr);
		return 2;
	}
	err = start(argv + 2);
	if (err) {
		fprintf(stderr, "limit: cannot start %s: %s\n", argv[2], strerror(-err));
		return 1;
	}
	return run(argv[2], seconds);
}
