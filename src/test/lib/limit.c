// SPDX-License-Identifier: GPL-2.0-only
/*
 * limit - runs a test with a time limit, and fails it if it leaves processes behind
 *
 *	limit SECONDS TEST
 *
 * prove waits until the last process has closed the output of a test.  A process that
 * hangs, or that the test forgot, would hold up all other tests: it is named and
 * ended here, and the test fails.  Otherwise limit ends as the test did.
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

#include "lib/clock.h"
#include "lib/proc.h"
#include "lib/text.h"

/* How long a process may take to end. */
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

/* Print the command line of a process. */
static void show(pid_t pid)
{
	char path[64], words[120];
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	file = fopen(path, "re");
	if (file) {
		size = fread(words, 1, sizeof(words), file);
		fclose(file);
	}
	/* A NUL stands behind each word. */
	text_disarm(words, size, ' ');
	fprintf(stderr, "\tprocess %d: %.*s\n", pid, (int)size, words);
}

/* Returns the next signal, or 0 at the deadline. */
static int next_signal(long long deadline)
{
	long long ms = deadline - clock_ms();
	struct timespec left = { ms / 1000, ms % 1000 * 1000000 };
	int sig;

	do {
		sig = ms > 0 ? sigtimedwait(&signals, NULL, &left) : 0;
	} while (sig < 0 && errno == EINTR);
	return sig < 0 ? 0 : sig;
}

/* Reap children that have ended.  Returns false if none is left. */
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

/* Returns whether a child is left after GRACE_MS. */
static bool is_left(void)
{
	long long deadline = clock_ms() + GRACE_MS;

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

	/* Background jobs of a shell, and nohup's, ignore these signals, which tests send. */
	signal(SIGHUP, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, &old);
	/* End if prove ends first, and adopt orphans. */
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
	long long deadline = clock_ms() + seconds * 1000LL;
	int sig;

	while (test) {
		sig = next_signal(deadline);
		if (!sig) {
			fprintf(stderr,
				"limit: %s still runs after %d s, in these processes:\n",
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
		fprintf(stderr,
			"limit: %s has ended and left these processes behind:\n",
			name);
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
