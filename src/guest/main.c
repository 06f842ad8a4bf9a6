// SPDX-License-Identifier: GPL-2.0-only
/*
 * init - the first process of every root, and the agent
 *
 * Mounts what the kernel's command line asks for (mounts.h), starts the agent, if
 * there is a port to speak over, and becomes the root's own init, KILN_INIT=PATH
 * there or /sbin/init.  With KILN_INIT=none no other init is started: this process
 * makes the root ready for a command and is the agent, which mounts the folders of
 * the host when it is told to: a machine that has any mounted cannot be saved.  With
 * KILN_INIT=shell the console has a shell, and the machine ends with it; but with
 * KILN_NEXT another root follows, whose init is KILN_NEXT_INIT.  With KILN_CHART=1
 * the kernel's log tells when the agent and init began.
 *
 * `init --agent FD` is the agent alone, on a socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/reboot.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"
#include "fs.h"
#include "mounts.h"
#include "port.h"
#include "root.h"
#include "shell.h"
#include "system.h"
#include "text.h"

#define INIT "/sbin/init"

/* Between two looks for what an init does. */
#define STEP_MS 20

/* The value of the variable whose name, with the '=', this is. */
static const char *value_of(const char *name, const char *without)
{
	char **variable;

	for (variable = environ; *variable; variable++)
		if (!strncmp(*variable, name, strlen(name)))
			return *variable + strlen(name);
	return without;
}

/* A line of the kernel's log, for who draws the boot. */
static void note(const char *what, const char *which)
{
	char bytes[PATH_MAX + 100];
	struct text text = TEXT_IN(bytes);
	int fd;

	if (!*value_of("KILN_CHART=", ""))
		return;
	fd = fs_open_dev("kmsg", O_WRONLY);
	if (fd < 0)
		return;
	text_add(&text, "<6>init: ");
	text_add(&text, what);
	text_add(&text, which);
	/* Without its end nobody would see it until the next one. */
	text_add(&text, "\n");
	if (write(fd, bytes, text.size) < 0)
		errno = 0;
	close(fd);
}

/* Open the agent's port; returns a descriptor or -errno. */
static int open_port(void)
{
	int fd = port_open();

	if (fd >= 0)
		note("the agent is ready", "");
	return fd;
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

/* An init that mounts the root itself may have to load the port's driver, too. */
static int await_port(void)
{
	int fd;

	while (!root_follow())
		poll(NULL, 0, STEP_MS);
	while ((fd = open_port()) < 0)
		poll(NULL, 0, STEP_MS);
	return fd;
}

/* The root's init must not wait for the port, which takes some ms to show up. */
static void start_agent(char *name)
{
	bool is_later = !strcmp(value_of("KILN_ROOT=", ""), "later");
	int fd;

	if (fork())
		return;
	/* systemd waits for all processes to end, but those that begin so. */
	*name = '@';
	setsid();
	fd = is_later ? await_port() : open_port();
	if (fd < 0)
		_exit(0);
	leave_console();
	agent_run(fd, true);
}

/* The console's last words.  The kernel panics then, as it does without an init. */
static int give_up(const char *sentence)
{
	char bytes[PATH_MAX + 200];
	struct text text = TEXT_IN(bytes);

	text_add(&text, "init: ");
	text_add(&text, sentence);
	text_add(&text, "\n");
	return write(STDERR_FILENO, bytes, text.size) < 0 ? 2 : 1;
}

static int become(const char *init, char **argv)
{
	char bytes[PATH_MAX + 100];
	struct text text = TEXT_IN(bytes);

	note("the root's own init is ", init);
	argv[0] = (char *)init;
	execv(init, argv);
	text_add(&text, "cannot run ");
	text_add(&text, init);
	text_add(&text, ": ");
	text_add(&text, strerror(errno));
	return give_up(bytes);
}

static void end_machine(void)
{
	system_end(LINUX_REBOOT_CMD_RESTART);
	for (;;)
		pause();
}

static int first_process(char **argv)
{
	const char *init = value_of("KILN_INIT=", INIT);
	bool is_none = !strcmp(init, "none");
	char bytes[PATH_MAX + 100];
	struct text why = TEXT_IN(bytes);
	int fd;

	if (mounts_make(&why) < 0 || (!is_none && mounts_share(&why) < 0))
		return give_up(bytes);
	if (is_none) {
		root_prepare();
		fd = open_port();
		if (fd >= 0)
			agent_run(fd, true);
		init = INIT;
	} else {
		start_agent(argv[0]);
	}
	if (!strcmp(init, "shell")) {
		root_prepare();
		shell_run();
		if (!*value_of("KILN_NEXT=", ""))
			end_machine();
		if (mounts_next(&why) < 0)
			return give_up(bytes);
		init = value_of("KILN_NEXT_INIT=", INIT);
	}
	return become(init, argv);
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
