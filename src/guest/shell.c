// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/console.h"
#include "guest/folder.h"
#include "guest/shell.h"
#include "guest/text.h"
#include "guest/user.h"

/* The terminal behind /dev/console, which itself cannot control a session. */
static int shell_open_terminal(void)
{
	char path[105];
	struct text text = TEXT_IN(path);

	text_add(&text, "/dev/");
	console_find(&text);
	return open(path, O_RDWR);
}

static void shell_fail(void)
{
	static const char sorry[] = "init: cannot run the shell\n";

	if (write(STDERR_FILENO, sorry, sizeof(sorry) - 1) < 0)
		_exit(2);
	_exit(1);
}

static void shell_exec(const char *shell, const char *const *argv,
		       const char *const *env)
{
	execve(shell, (char **)argv, (char **)env);
	shell_fail();
}

static const char *shell_home(const char *const *env)
{
	while (strncmp(*env, "HOME=", 5))
		env++;
	return *env + 5;
}

static void shell_become(void)
{
	static const char *const argv[] = { "-sh", NULL };
	const char *const *env;
	const char *home;
	int fd, i;

	setsid();
	fd = shell_open_terminal();
	if (fd >= 0) {
		ioctl(fd, TIOCSCTTY, 0);
		for (i = STDIN_FILENO; i <= STDERR_FILENO; i++)
			dup2(fd, i);
		if (fd > STDERR_FILENO)
			close(fd);
	}
	env = user_env(true);
	home = shell_home(env);
	/* It is not to be root's in place of the user's. */
	if (user_become() < 0)
		shell_fail();
	if (chdir(home) < 0)
		errno = 0;
	shell_exec(user_shell(), argv, env);
}

static void shell_await(pid_t pid)
{
	/* Orphans become our children. */
	while (wait(NULL) != pid && pid > 0)
		;
}

void shell_run(void)
{
	pid_t pid = fork();

	if (!pid)
		shell_become();
	shell_await(pid);
}

void shell_run_scripts(void)
{
	static const char *const argv[] = {
		"sh", "-c",
		"for script in /etc/init.d/S*; do [ ! -x \"$script\" ] || \"$script\" start; done",
		NULL,
	};
	char bytes[300];
	struct text name = TEXT_IN(bytes);
	pid_t pid;

	/* A shell costs some 20 ms under TCG. */
	if (!folder_find(&name, AT_FDCWD, "/etc/init.d", "S", NULL, NULL))
		return;
	pid = fork();
	if (!pid) {
		setsid();
		shell_exec("/bin/sh", argv, user_env(false));
	}
	shell_await(pid);
}
