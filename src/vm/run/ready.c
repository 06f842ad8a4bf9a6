// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/exit.h"
#include "vm/run/ready.h"
#include "vm/say.h"

void ready_tell(int fd)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	dup2(null, STDERR_FILENO);
	close(null);
	if (write(fd, "", 1) < 0)
		say("nobody waits");
}

int ready_await(int fd, pid_t pid)
{
	int status;
	ssize_t n;
	char c;

	do {
		n = read(fd, &c, 1);
	} while (n < 0 && errno == EINTR);
	if (n == 1)
		return 0;
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return END_VANISHED;
	return WEXITSTATUS(status);
}
