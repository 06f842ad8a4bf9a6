/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * proc - starts, watches and ends a child process
 */
#ifndef LIB_PROC_H
#define LIB_PROC_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#define PROC_NEVER LLONG_MAX

struct proc_spec {
	const char *path;
	char *const *argv;
	const sigset_t *mask; /* the signals which the child blocks */
	int death_signal; /* is sent to the child if we end first */
	const char *dir; /* where it runs; NULL: here */
	bool is_open; /* other processes of the user may read its memory */
	const int *keep; /* descriptors that stay open in it */
	size_t keeps;

	/*
	 * NULL: the child shares our terminal and process group.  Otherwise
	 * its three standard descriptors, -1 for /dev/null.  It then has no
	 * other descriptors but keep, runs in a session of its own, and
	 * leaves no core file.
	 */
	const int *std;
};

struct proc {
	pid_t pid;
	int fd; /* a pidfd: readable when the process has ended */
	int status; /* as from waitpid(), once proc_wait() returned 0 */
	int teller; /* where another process, its parent, tells the status; 0: it is ours */
};

/*
 * Find the program of this name as a shell does: in PATH, unless the name has a
 * slash.  *ret is its path without symbolic links.  Returns 0 or -errno.
 */
int proc_find(char **ret, const char *name);

/* Start a child.  Returns 0 or -errno, also when exec fails in the child. */
int proc_spawn(struct proc *ret, const struct proc_spec *spec);

/* Tell whoever has the other end of `teller' how our child ended. */
void proc_tell(const struct proc *proc, int teller);

/* A deadline for proc_wait(), ms milliseconds from now. */
long long proc_deadline(int ms);

/*
 * Wait until the process ends, fd (-1: none) becomes readable, or the deadline
 * (PROC_NEVER: none) passes.  Returns 0 when the process has ended and was reaped;
 * -EAGAIN if fd is readable, even if the process has ended too; -ETIMEDOUT; or
 * another -errno.
 */
int proc_wait(struct proc *proc, int fd, long long deadline);

/* Send a signal, unless the process has ended. */
void proc_signal(const struct proc *proc, int sig);

/* Kill the process and reap it. */
void proc_kill(struct proc *proc);

/* How it ended, as "was killed by SIGABRT"; the caller frees the text. */
char *proc_end_text(int status);

#endif
