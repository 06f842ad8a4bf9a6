// SPDX-License-Identifier: GPL-2.0-only
/*
 * init - the first process of every root, and the agent
 *
 * Mounts what the kernel's command line asks for (mounts.h), brings the network up
 * (net.h), starts the agent, if there is a port to speak over, and becomes the root's
 * own init, KILN_INIT=PATH there or /sbin/init.  With KILN_INIT=none no other init is
 * started: this process makes the root ready for a command and is the agent, which
 * mounts the folders of the host when it is told to: a machine that has any mounted
 * cannot be saved.  With KILN_INIT=shell the console has a shell, and the machine ends
 * with it; but with KILN_NEXT another root follows, whose init is KILN_NEXT_INIT.
 * Commands wait for the set-up that the root's init does (settle.h), KILN_SETTLE=60
 * seconds at most.  With KILN_CHART=1 the kernel's log tells when the agent and init began.
 * With KILN_TIMERS=await the agent answers the host when a timer has come.
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

#include "guest/agent.h"
#include "guest/fs.h"
#include "guest/mounts.h"
#include "guest/net.h"
#include "guest/port.h"
#include "guest/root.h"
#include "guest/settle.h"
#include "guest/shell.h"
#include "guest/system.h"
#include "guest/text.h"

#define INIT "/sbin/init"

/* Seconds that commands wait for the root's init. */
#define SETTLE_S "60"

/* Milliseconds between two looks at what an init does. */
#define STEP_MS 20

/* The value of an environment variable; name ends in '='.  Else `without`. */
static const char *init_value_of(const char *name, const char *without)
{
	char **variable;

	for (variable = environ; *variable; variable++)
		if (!strncmp(*variable, name, strlen(name)))
			return *variable + strlen(name);
	return without;
}

static int init_number(const char *digits)
{
	int n = 0;

	while (*digits >= '0' && *digits <= '9')
		n = n * 10 + *digits++ - '0';
	return n;
}

/* Write a line to the kernel's log, for the boot chart. */
static void init_note(const char *what, const char *which)
{
	char bytes[PATH_MAX + 100];
	struct text text = TEXT_IN(bytes);
	int fd;

	if (!*init_value_of("KILN_CHART=", ""))
		return;
	fd = fs_open_dev("kmsg", O_WRONLY);
	if (fd < 0)
		return;
	text_add(&text, "<6>init: ");
	text_add(&text, what);
	text_add(&text, which);
	/* Without the newline it would not be shown before the next one. */
	text_add(&text, "\n");
	if (write(fd, bytes, text.size) < 0)
		errno = 0;
	close(fd);
}

/* Open the agent's port; returns a descriptor or -errno. */
static int init_open_port(void)
{
	int fd = port_open();

	if (fd >= 0)
		init_note("the agent is ready", "");
	return fd;
}

/* No file opened later may become a standard descriptor. */
static void init_hold_standard(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* Close the console, which belongs to the root's init. */
static void init_leave_console(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int i;

	for (i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		dup2(fd, i);
	close(fd);
}

/* An init that mounts the root may first have to load the port's driver. */
static int init_await_port(void)
{
	int fd;

	while (!root_follow())
		poll(NULL, 0, STEP_MS);
	while ((fd = init_open_port()) < 0)
		poll(NULL, 0, STEP_MS);
	return fd;
}

/* In a process of its own: init must not wait some ms for the port to show up. */
static void init_start_agent(char *name, bool has_init)
{
	bool is_later = !strcmp(init_value_of("KILN_ROOT=", ""), "later");
	int started[2]; /* is at its end when init has begun */
	int fd;

	if (pipe2(started, O_CLOEXEC) < 0)
		has_init = false;
	if (fork())
		return;
	if (has_init)
		close(started[1]);
	/* At shutdown systemd does not wait for processes whose name begins with @. */
	*name = '@';
	setsid();
	fd = is_later ? init_await_port() : init_open_port();
	if (fd < 0)
		_exit(0);
	init_leave_console();
	if (has_init)
		settle_watch(started[0],
			     init_number(init_value_of("KILN_SETTLE=", SETTLE_S)));
	agent_run(fd, true);
}

/* Print why, and exit: the kernel then panics, as it does without an init. */
static int init_give_up(const char *sentence)
{
	char bytes[PATH_MAX + 200];
	struct text text = TEXT_IN(bytes);

	text_add(&text, "init: ");
	text_add(&text, sentence);
	text_add(&text, "\n");
	return write(STDERR_FILENO, bytes, text.size) < 0 ? 2 : 1;
}

static int init_become(const char *init, char **argv)
{
	char bytes[PATH_MAX + 100];
	struct text text = TEXT_IN(bytes);

	init_note("the root's own init is ", init);
	argv[0] = (char *)init;
	execv(init, argv);
	text_add(&text, "cannot run ");
	text_add(&text, init);
	text_add(&text, ": ");
	text_add(&text, strerror(errno));
	return init_give_up(bytes);
}

static void init_end_machine(void)
{
	system_end(LINUX_REBOOT_CMD_RESTART);
	for (;;)
		pause();
}

/* Is this the root that recipes/rootfs/list makes?  Another's scripts need more. */
static bool init_is_at_home(const char *name)
{
	return !strcmp(name, "/init") && !*init_value_of("KILN_ROOT=", "");
}

/* Make the root ready, for init or in its place. */
static void init_prepare(const char *init, const char *name)
{
	bool is_ours = !strcmp(init, "none") || !strcmp(init, "shell");
	bool is_home = init_is_at_home(name);

	if (is_ours)
		root_prepare();
	/* The /init of an archive expects that nothing is mounted. */
	else if (strcmp(init, "/init"))
		root_mount();
	net_up(init_value_of("KILN_NET=", ""), is_home || !is_ours);
	if (is_ours && is_home)
		shell_run_scripts();
}

static int init_run(char **argv)
{
	const char *init = init_value_of("KILN_INIT=", INIT);
	bool is_none = !strcmp(init, "none");
	char bytes[PATH_MAX + 100];
	struct text why = TEXT_IN(bytes);
	int fd;

	if (mounts_make(&why) < 0 || (!is_none && mounts_share(&why) < 0))
		return init_give_up(bytes);
	init_prepare(init, argv[0]);
	if (is_none) {
		fd = init_open_port();
		if (fd >= 0)
			agent_run(fd, true);
		init = INIT;
	} else {
		init_start_agent(argv[0], strcmp(init, "shell"));
	}
	if (!strcmp(init, "shell")) {
		shell_run();
		if (!*init_value_of("KILN_NEXT=", ""))
			init_end_machine();
		if (mounts_next(&why) < 0)
			return init_give_up(bytes);
		init = init_value_of("KILN_NEXT_INIT=", INIT);
		init_prepare(init, argv[0]);
	}
	return init_become(init, argv);
}

int main(int argc, char **argv)
{
	static const char usage[] =
		"init is the first process of a machine, or init --agent FD\n";

	init_hold_standard();
	if (getpid() == 1 && argc > 0)
		return init_run(argv);
	if (argc == 3 && !strcmp(argv[1], "--agent")) {
		agent_run(init_number(argv[2]), false);
		return 0;
	}
	return write(STDERR_FILENO, usage, sizeof(usage) - 1) < 0 ? 1 : 2;
}
