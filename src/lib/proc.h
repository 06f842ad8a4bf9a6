/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * proc - a child process, started, watched and ended
 */
#ifndef LIB_PROC_H
#define LIB_PROC_H

#include <limits.h>
#include <signal.h>
#include <sys/types.h>

#define PROC_NEVER LLONG_MAX

struct proc_spec {
	const char *path;
	char *const *argv;
	const sigset_t *mask; /* the signals which the child blocks */
	int death_signal; /* what it gets should we end first */
	const char *dir; /* where it runs; NULL: here */
	const int *keep; /* descriptors that stay open in it */
	size_t keeps;

	/*
	 * NULL: the child shares our terminal and process group.  Otherwise
	 * what its three standard descriptors are, -1 for /dev/null; it then
	 * has no others but keep, a session of its own, and leaves no core
	 * file.
	 */
	const int *std;
};

struct proc {
	pid_t pid;
	int fd; /* a pidfd: readable when the process has ended */
	int status; /* after proc_wait() returned 0, as from waitpid() */
};

/*
 * Find the program of this name as a shell does, in PATH unless it has a
 * slash.  *ret is its real path, links resolved.  Returns 0 or -errno.
 */
int proc_find(char **ret, const char *name);

/* Start a child; a failed exec is reported here.  Returns 0 or -errno. */
int proc_spawn(struct proc *ret, const struct proc_spec *spec);

/* The moment ms milliseconds from now, for proc_wait(). */
long long proc_deadline(int ms);

/*
 * Wait for the end of the process, until fd (-1: none) has something to read
 * or the deadline (PROC_NEVER: none) has come.  Returns 0 when the process has
 * ended and is cleared away, -EAGAIN for fd, which goes first, -ETIMEDOUT, or
 * another -errno.
 */
int proc_wait(struct proc *proc, int fd, long long deadline);

/* Send a signal; nothing happens if the process has ended meanwhile. */
void proc_signal(const struct proc *proc, int sig);

/* Kill the process and clear it away. */
void proc_kill(struct proc *proc);

/* Say how it ended: "was killed by SIGABRT".  NULL if there is no memory. */
char *proc_end_text(int status);

#endif
