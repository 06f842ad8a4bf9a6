// SPDX-License-Identifier: GPL-2.0-only
/*
 * init - the first process of every root, and the agent
 *
 * Starts the agent, if there is a port to speak over, and becomes the root's own
 * init.  With KILN_INIT=none on the kernel's command line no other init is
 * started: this process makes the root ready for a command and is the agent.
 *
 * `init --agent FD` is the agent alone, on a socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"
#include "port.h"
#include "root.h"
#include "text.h"

#define INIT "/sbin/init"

static bool has_variable(const char *wanted)
{
	char **variable;

	for (variable = environ; *variable; variable++)
		if (!strcmp(*variable, wanted))
			return true;
	return false;
}

/* No file that is opened later must become a standard descriptor. */
static void hold_standard(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* Let go of the console, which is for the root's init. */
static void leave_console(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int i;

	for (i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		dup2(fd, i);
	close(fd);
}

/* The root's init must not wait for the port, which takes some ms to show up. */
static void start_agent(void)
{
	int fd;

	if (fork())
		return;
	setsid();
	fd = port_open();
	if (fd < 0)
		_exit(0);
	leave_console();
	agent_run(fd, true);
}

/* The kernel panics then, as it does without any init. */
static int give_up(int err)
{
	char bytes[200];
	struct text text = TEXT_IN(bytes);

	text_add(&text, "init: cannot run " INIT ": ");
	text_add(&text, strerror(err));
	text_add(&text, "\n");
	return write(STDERR_FILENO, bytes, text.size) < 0 ? 2 : 1;
}

static int first_process(char **argv)
{
	static char name[] = INIT;
	int fd;

	if (has_variable("KILN_INIT=none")) {
		root_prepare();
		fd = port_open();
		if (fd >= 0)
			agent_run(fd, true);
	} else {
		start_agent();
	}
	argv[0] = name;
	execv(INIT, argv);
	return give_up(errno);
}

static int number(const char *digits)
{
	int n = 0;

	while (*digits >= '0' && *digits <= '9')
		n = n * 10 + *digits++ - '0';
	return n;
}

int main(int argc, char **argv)
{
	static const char usage[] =
		"init is the first process of a machine, or init --agent FD\n";

	hold_standard();
	if (getpid() == 1 && argc > 0)
		return first_process(argv);
	if (argc == 3 && !strcmp(argv[1], "--agent")) {
		agent_run(number(argv[2]), false);
		return 0;
	}
	return write(STDERR_FILENO, usage, sizeof(usage) - 1) < 0 ? 1 : 2;
}
