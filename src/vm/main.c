// SPDX-License-Identifier: GPL-2.0-only
/*
 * vm - run the lab's virtual machine, and talk to the one that runs
 *
 * Ends as end.h says, or with 2 if the command line is wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "macros.h"
#include "reload.h"
#include "run.h"
#include "say.h"
#include "virtiofs.h"

#define EXIT_USAGE 2

struct request {
	const char *dir;
	const char *work;
	const char *append;
	int timeout;
	bool print;
	bool verbose;
	bool gdb;
	bool boot;
	bool help;
};

/* Each option once: for getopt_long() and for the help. */
static const struct {
	const char *name;
	const char *arg; /* what it takes, for the help; NULL: nothing */
	const char *help;
	char letter;
} options[] = {
	{ "output", "DIR", "the lab's output directory (default: out)", 'O' },
	{ "work", "DIR", "where the machine runs (default: vm in that)", 'w' },
	{ "timeout", "S", "end what runs after S seconds, with status 124", 't' },
	{ "fresh", "boot", "boot, though there is a saved machine", 'f' },
	{ "verbose", NULL, "show the console beside a command", 'v' },
	{ "append", "ARGS", "give the kernel further arguments", 'a' },
	{ "gdb", NULL, "wait for gdb before the first instruction", 'g' },
	{ "print", NULL, "print QEMU's command and start nothing", 'p' },
	{ "help", NULL, "print this", 'h' },
};

static struct client_options client_options(const struct request *request)
{
	return (struct client_options){ request->dir, request->timeout };
}

static int cmd_run(const struct request *request, int argc, char **argv)
{
	struct run_options run_options = {
		.dir = request->dir,
		.work = request->work,
		.command = argc ? argv : NULL,
		.timeout = request->timeout,
		.boot = request->boot,
		.verbose = request->verbose,
		.gdb = request->gdb,
		.append = request->append,
	};

	return request->print ? run_print(&run_options) : run(&run_options);
}

static int cmd_state(const struct request *request, int argc, char **argv)
{
	struct run_options run_options = {
		.dir = request->dir,
		.timeout = request->timeout,
		.boot = request->boot,
		.save = true,
	};

	(void)argc;
	(void)argv;
	return run(&run_options);
}

static int cmd_start(const struct request *request, int argc, char **argv)
{
	struct run_options run_options = {
		.dir = request->dir,
		.work = request->work,
		.timeout = request->timeout,
		.gdb = request->gdb,
		.append = request->append,
		.background = true,
	};

	(void)argc;
	(void)argv;
	return run(&run_options);
}

static int cmd_exec(const struct request *request, int argc, char **argv)
{
	struct client_options client = client_options(request);

	(void)argc;
	return client_exec(&client, argv);
}

static int cmd_put(const struct request *request, int argc, char **argv)
{
	struct client_options client = client_options(request);

	return client_put(&client, argv[0], argc > 1 ? argv[1] : NULL);
}

static int cmd_get(const struct request *request, int argc, char **argv)
{
	struct client_options client = client_options(request);

	return client_get(&client, argv[0], argc > 1 ? argv[1] : NULL);
}

static int cmd_dump(const struct request *request, int argc, char **argv)
{
	struct client_options client = client_options(request);

	return client_dump(&client, argc ? argv[0] : NULL);
}

static int cmd_monitor(const struct request *request, int argc, char **argv)
{
	struct client_options client = client_options(request);

	(void)argc;
	return client_monitor(&client, argv[0]);
}

static int cmd_screenshot(const struct request *request, int argc, char **argv)
{
	struct client_options client = client_options(request);

	return client_screenshot(&client, argc ? argv[0] : NULL);
}

static int cmd_reload(const struct request *request, int argc, char **argv)
{
	struct client_options client = client_options(request);

	return reload(&client, argv[0], argc > 1 ? argv[1] : "");
}

static int cmd_stop(const struct request *request, int argc, char **argv)
{
	struct client_options client = client_options(request);

	(void)argc;
	(void)argv;
	return client_stop(&client);
}

static int cmd_status(const struct request *request, int argc, char **argv)
{
	struct client_options client = client_options(request);

	(void)argc;
	(void)argv;
	return client_status(&client);
}

static int cmd_console(const struct request *request, int argc, char **argv)
{
	struct client_options client = client_options(request);

	(void)argc;
	(void)argv;
	return client_console(&client);
}

static int cmd_virtiofs(const struct request *request, int argc, char **argv)
{
	(void)argc;
	return virtiofs(request->dir, argv);
}

static const struct {
	const char *name;
	const char *args;
	const char *help;
	int (*run)(const struct request *request, int argc, char **argv);
	int min; /* arguments */
	int max;
} commands[] = {
	{ "run", "[-- COMMAND...]",
	  "boot the machine; its console, or a command in it, and leave",
	  cmd_run, 0, INT_MAX },
	{ "start", "", "boot the machine and leave it running", cmd_start,
	  0, 0 },
	{ "state", "", "save a machine, which later commands need not boot",
	  cmd_state, 0, 0 },
	{ "exec", "[-- COMMAND...]",
	  "run a command, or a shell, in the machine that runs", cmd_exec,
	  0, INT_MAX },
	{ "put", "FILE [TO]", "copy a file into it, to /root/ by default",
	  cmd_put, 1, 2 },
	{ "get", "FILE [TO]", "copy a file out of it, to here by default",
	  cmd_get, 1, 2 },
	{ "dump", "[TO]", "write its memory, to vm/last/vmcore by default",
	  cmd_dump, 0, 1 },
	{ "monitor", "COMMAND", "have QEMU's monitor do this", cmd_monitor,
	  1, 1 },
	{ "screenshot", "[TO]",
	  "write its screen, to screenshot.png here by default",
	  cmd_screenshot, 0, 1 },
	{ "reload", "NAME [PARAMS]",
	  "load a module that was built anew in the place of the old one",
	  cmd_reload, 1, 2 },
	{ "console", "", "show its console and type at it", cmd_console,
	  0, 0 },
	{ "status", "", "tell what runs, or how it ended", cmd_status, 0, 0 },
	{ "stop", "", "end it", cmd_stop, 0, 0 },
	{ "virtiofs", "-- QEMU...",
	  "start QEMU with those beside it that VM_VIRTIOFS asks for",
	  cmd_virtiofs, 1, INT_MAX },
};

static int print_help(void)
{
	size_t i;

	puts("usage: vm [OPTION]... COMMAND\n");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-10s %-15s %s\n", commands[i].name,
		       commands[i].args, commands[i].help);
	puts("");
	for (i = 0; i < ARRAY_SIZE(options); i++)
		printf("  -%c, --%-7s %-8s  %s\n", options[i].letter,
		       options[i].name, options[i].arg ? options[i].arg : "",
		       options[i].help);
	puts("\nCtrl-A X leaves a console or a terminal of the guest; Ctrl-A Ctrl-A is Ctrl-A.\n"
	     "With automatic choice of the accelerator --print shows TCG until a run has\n"
	     "found that KVM works.");
	return fflush(stdout) ? 1 : 0;
}

/* Returns 0 or -1. */
static int take_timeout(struct request *request, const char *text)
{
	char *end;
	long seconds;

	errno = 0;
	seconds = strtol(text, &end, 10);
	if (errno || !*text || *end || seconds < 0 ||
	    seconds > INT_MAX / 1000) {
		say("a time limit is a number of seconds, not `%s'", text);
		return -1;
	}
	request->timeout = seconds;
	return 0;
}

/* Returns 0 or -1. */
static int take_fresh(struct request *request, const char *text)
{
	if (strcmp(text, "boot")) {
		say("a fresh machine is one that boots: --fresh=boot, not `%s'",
		    text);
		return -1;
	}
	request->boot = true;
	return 0;
}

static int accept_option(struct request *request, int letter)
{
	switch (letter) {
	case 'O':
		request->dir = optarg;
		break;
	case 'w':
		request->work = optarg;
		break;
	case 'a':
		request->append = optarg;
		break;
	case 't':
		return take_timeout(request, optarg);
	case 'f':
		return take_fresh(request, optarg);
	case 'p':
		request->print = true;
		break;
	case 'g':
		request->gdb = true;
		break;
	case 'v':
		request->verbose = true;
		break;
	case 'h':
		request->help = true;
		break;
	}
	return 0;
}

/* Returns 0, or -1 after what is wrong has been said. */
static int parse_options(struct request *request, int argc, char **argv)
{
	struct option longs[ARRAY_SIZE(options) + 1] = {};
	char letters[2 * ARRAY_SIZE(options) + 1];
	char *letter = letters;
	size_t i;
	int c;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		longs[i].name = options[i].name;
		longs[i].has_arg = options[i].arg ? required_argument :
						    no_argument;
		longs[i].val = options[i].letter;
		*letter++ = options[i].letter;
		if (options[i].arg)
			*letter++ = ':';
	}
	*letter = '\0';

	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1)
		if (c == '?' || accept_option(request, c) < 0)
			return -1;
	return 0;
}

static int run_command(const struct request *request, int argc, char **argv)
{
	size_t i;

	if (!argc) {
		say("which command? `vm --help' lists them");
		return EXIT_USAGE;
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[0], commands[i].name))
			break;
	if (i == ARRAY_SIZE(commands)) {
		say("no such command: `%s'; `vm --help' lists them", argv[0]);
		return EXIT_USAGE;
	}
	if (argc - 1 < commands[i].min || argc - 1 > commands[i].max) {
		say("usage: vm %s %s", commands[i].name, commands[i].args);
		return EXIT_USAGE;
	}
	return commands[i].run(request, argc - 1, argv + 1);
}

/* What a careless parent may have left us without. */
static void sanitize(void)
{
	int fd;

	/* A file we open must not become a standard descriptor. */
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);

	/* If it is ignored, children cannot be waited for. */
	signal(SIGCHLD, SIG_DFL);

	/* A pipe that nobody reads is told by write(). */
	signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
	struct request request = { .dir = "out" };

	sanitize();
	if (parse_options(&request, argc, argv) < 0)
		return EXIT_USAGE;
	if (request.help)
		return print_help();
	return run_command(&request, argc - optind, argv + optind);
}
