// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/client/call.h"
#include "vm/client/folder.h"
#include "vm/exit.h"
#include "vm/say.h"

/* Start the tar of this machine, with one end of a pipe as its `std' descriptor. */
static pid_t folder_start_tar(char *const *words, int end, int std)
{
	sigset_t none;
	pid_t pid;

	pid = fork();
	if (pid)
		return pid;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(end, std);
	execvp(words[0], words);
	say("%s: %s", words[0], strerror(errno));
	_exit(127);
}

/* Returns true if tar ended well, having said why not otherwise. */
static bool folder_await_tar(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

/* The status of the guest's tar; says what it cannot say itself. */
static int folder_status(const struct call *call, const char *folder)
{
	const struct ask *ask = &call->ask;

	if (call->is_timed_out) {
		say("%s: the time limit of %d s passed", folder, call->timeout);
		return END_TIMED_OUT;
	}
	if (ask->is_exit && ask->status == 127)
		say("%s: the guest's root has no tar, which folders need",
		    folder);
	if (ask->is_exit)
		return ask->status ? EXIT_FAILURE : 0;
	if (ask->has_answer)
		say("%s: %s", folder, ask_why(ask));
	return EXIT_FAILURE;
}

/* Have the guest run this shell script with a folder as $0, over one descriptor. */
static int folder_run(const struct client_options *options, const char *script,
		      const char *folder, const int std[3])
{
	char *const words[] = {
		(char *)"/bin/sh", (char *)"-c", (char *)script,
		(char *)folder, NULL,
	};
	int status = EXIT_FAILURE;
	struct call call;
	int err;

	if (call_open(&call, options, std) < 0)
		return END_NOT_STARTED;
	err = ask_run(&call.ask, words, false, 0, 0);
	if (err < 0) {
		say("%s: %s", folder, strerror(-err));
	} else {
		call_wait(&call);
		status = folder_status(&call, folder);
	}
	call_close(&call);
	return status;
}

int folder_put(const struct client_options *options, const char *folder,
	       const char *to)
{
	char *const tar[] = {
		(char *)"tar", (char *)"-C", (char *)folder,
		(char *)"--owner=root:0", (char *)"--group=root:0",
		(char *)"--format=gnu", (char *)"-cf", (char *)"-",
		(char *)".", NULL,
	};
	int std[] = { -1, -1, STDERR_FILENO };
	int ends[2], status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		say("%s", strerror(errno));
		return EXIT_FAILURE;
	}
	pid = folder_start_tar(tar, ends[1], STDOUT_FILENO);
	close(ends[1]);
	std[0] = ends[0];
	status = folder_run(options,
			    "mkdir -p \"$0\" && exec tar -xpf - -C \"$0\"",
			    to, std);
	close(ends[0]);
	if (pid < 0 || !folder_await_tar(pid))
		status = status ? status : EXIT_FAILURE;
	return status;
}

int folder_get(const struct client_options *options, const char *folder,
	       const char *to)
{
	char *const tar[] = {
		(char *)"tar", (char *)"--no-same-owner",
		(char *)"--no-same-permissions", (char *)"-xf", (char *)"-",
		(char *)"-C", (char *)to, NULL,
	};
	int std[] = { -1, -1, STDERR_FILENO };
	int ends[2], status;
	pid_t pid;

	if ((mkdir(to, 0777) < 0 && errno != EEXIST) ||
	    pipe2(ends, O_CLOEXEC) < 0) {
		say("%s: %s", to, strerror(errno));
		return EXIT_FAILURE;
	}
	pid = folder_start_tar(tar, ends[0], STDIN_FILENO);
	close(ends[0]);
	std[1] = ends[1];
	status = folder_run(options, "exec tar -C \"$0\" -cf - .", folder, std);
	close(ends[1]);
	if (pid < 0 || !folder_await_tar(pid))
		status = status ? status : EXIT_FAILURE;
	return status;
}
