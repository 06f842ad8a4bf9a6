// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fs.h"
#include "shell.h"
#include "text.h"

/* The console's terminal: /dev/console can be nobody's own. */
static int open_terminal(void)
{
	char bytes[100] = "", path[sizeof(bytes) + 5];
	struct text text = TEXT_IN(path);
	const char *last;
	ssize_t n = 0;
	int sys, fd;

	sys = fs_mount("sysfs");
	fd = openat(sys, "class/tty/console/active", O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		n = read(fd, bytes, sizeof(bytes) - 1);
	close(fd);
	close(sys);
	bytes[n > 0 ? n - 1 : 0] = '\0';

	last = strrchr(bytes, ' ');
	text_add(&text, "/dev/");
	text_add(&text, last ? last + 1 : bytes);
	return open(path, O_RDWR);
}

static void become_shell(void)
{
	static const char *const argv[] = { "-sh", NULL };
	static const char *const env[] = {
		"HOME=/root",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"TERM=linux",
		NULL,
	};
	static const char sorry[] = "init: cannot run /bin/sh\n";
	int fd, i;

	setsid();
	fd = open_terminal();
	if (fd >= 0) {
		ioctl(fd, TIOCSCTTY, 0);
		for (i = STDIN_FILENO; i <= STDERR_FILENO; i++)
			dup2(fd, i);
		if (fd > STDERR_FILENO)
			close(fd);
	}
	if (chdir("/root") < 0)
		errno = 0;
	execve("/bin/sh", (char **)argv, (char **)env);
	if (write(STDERR_FILENO, sorry, sizeof(sorry) - 1) < 0)
		_exit(2);
	_exit(1);
}

void shell_run(void)
{
	pid_t pid = fork();

	if (!pid)
		become_shell();
	/* Whoever loses his parent becomes our child. */
	while (wait(NULL) != pid)
		;
}
