// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/xmalloc.h"
#include "test/lib/tap.h"

/* The sanitizers shall give NULL, as malloc() does, instead of a report. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* Ask for more than there can be, in a process whose errors go to fd. */
static int want_too_much(int fd)
{
	const struct rlimit none = { 0, 0 };
	pid_t pid = fork();
	int status;

	if (!pid) {
		dup2(fd, STDERR_FILENO);
		setrlimit(RLIMIT_CORE, &none);
		free(xcalloc(SIZE_MAX / 2, 2));
		_exit(0);
	}
	close(fd);
	return waitpid(pid, &status, 0) == pid ? status : 0;
}

static void test_fail(void)
{
	char text[4096] = "";
	int pipefd[2];
	int status;

	if (pipe(pipefd) < 0)
		exit(1);
	status = want_too_much(pipefd[1]);
	ok(read(pipefd[0], text, sizeof(text) - 1) > 0, "it says something");
	close(pipefd[0]);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
	   "a program without memory aborts");
	ok(strstr(text, "test-xmalloc: out of memory\n"), "and says why");
}

static void test_empty(void)
{
	free(xmalloc(0));
	free(xcalloc(0, 1));
	free(xreallocarray(NULL, 0, 1));
	ok(true, "nothing can be had");
}

int main(void)
{
	test_fail();
	test_empty();
	return tap_done();
}
