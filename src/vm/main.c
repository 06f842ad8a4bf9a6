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

#include "lib/macros.h"
#include "vm/client/client.h"
#include "vm/client/reload.h"
#include "vm/exit.h"
#include "vm/link/ask.h"
#include "vm/qemu/virtiofs.h"
#include "vm/run/run.h"
#include "vm/run/spares.h"
#include "vm/say.h"

#define EXIT_USAGE 2

struct request {
	const char *dir;
	const char *work;
	const char *append;
	const char *at_end;
	const char *kernel;
	const char *modules;
	int timeout;
	bool print;
	bool verbose;
	bool gdb;
	bool boot;
	bool status;
	bool help;
};

/* Every option, for getopt_long() and for the help. */
static const struct {
	const char *name;
	const char *arg; /* its argument's name in the help; NULL: none */
	const char *help;
	char letter;
} options[] = {
	{ "output", "DIR", "the lab's output directory (default: out)", 'O' },
	{ "work", "DIR", "where the machine runs (default: vm in that)", 'w' },
	{ "timeout", "S", "end the run after S seconds, with status 124", 't' },
	{ "fresh", "boot", "boot even if a saved machine exists", 'f' },
	{ "verbose", NULL, "show the console, too, while a command runs", 'v' },
	{ "append", "ARGS", "give the kernel further arguments", 'a' },
	{ "kernel", "FILE", "boot another kernel, a bzImage, vmlinux or Image, with PCI", 'k' },
	{ "modules", "DIR", "the modules of that kernel, for /lib/modules", 'm' },
	{ "at-end", "LINE", "run LINE in the guest at the end, output to vm/last/at-end", 'e' },
	{ "gdb", NULL, "wait for gdb before the first instruction", 'g' },
	{ "print", NULL, "print QEMU's command and start nothing", 'p' },
	{ "status", NULL, "start nothing: end with 0 if a machine runs, else with 1", 's' },
	{ "help", NULL, "print this", 'h' },
};

static struct client_options vm_client_options(const struct request *request)
{
	return (struct client_options){
		.dir = request->dir,
		.work = request->work,
		.timeout = request->timeout,
	};
}

/* Returns 0, or -errno after printing why no command can have these words. */
static int vm_check_words(char **words)
{
	char *why = NULL;
	int err = ask_check(words, &why);

	if (err < 0)
		say("%s", why);
	free(why);
	return err;
}

static int cmd_run(const struct request *request, int argc, char **argv)
{
	struct client_options client = vm_client_options(request);
	struct run_options run_options = {
		.dir = request->dir,
		.work = request->work,
		.command = argc ? argv : NULL,
		.timeout = request->timeout,
		.boot = request->boot,
		.verbose = request->verbose,
		.gdb = request->gdb,
		.append = request->append,
		.at_end = request->at_end,
		.kernel = request->kernel,
		.modules = request->modules,
	};

	if (vm_check_words(argv) < 0)
		return END_NOT_STARTED;
	if (request->status)
		return client_is_up(&client) ? EXIT_SUCCESS : EXIT_FAILURE;
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
	struct client_options client = vm_client_options(request);

	(void)argc;
	if (vm_check_words(argv) < 0)
		return END_NOT_STARTED;
	return client_exec(&client, argv);
}

static int cmd_put(const struct request *request, int argc, char **argv)
{
	struct client_options client = vm_client_options(request);

	return client_put(&client, argv[0], argc > 1 ? argv[1] : NULL);
}

static int cmd_get(const struct request *request, int argc, char **argv)
{
	struct client_options client = vm_client_options(request);

	return client_get(&client, argv[0], argc > 1 ? argv[1] : NULL);
}

static int cmd_dump(const struct request *request, int argc, char **argv)
{
	struct client_options client = vm_client_options(request);

	return client_dump(&client, argc ? argv[0] : NULL);
}

static int cmd_monitor(const struct request *request, int argc, char **argv)
{
	struct client_options client = vm_client_options(request);

	(void)argc;
	return client_monitor(&client, argv[0]);
}

static int cmd_screenshot(const struct request *request, int argc, char **argv)
{
	struct client_options client = vm_client_options(request);

	return client_screenshot(&client, argc ? argv[0] : NULL);
}

static int cmd_reload(const struct request *request, int argc, char **argv)
{
	struct client_options client = vm_client_options(request);

	return reload(&client, argv[0], argc > 1 ? argv[1] : "");
}

static int cmd_drop(const struct request *request, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	spares_end(request->dir);
	return EXIT_SUCCESS;
}

static int cmd_stop(const struct request *request, int argc, char **argv)
{
	struct client_options client = vm_client_options(request);
	int status;

	status = client_stop(&client);
	if (!request->work)
		cmd_drop(request, argc, argv);
	return status;
}

static int cmd_status(const struct request *request, int argc, char **argv)
{
	struct client_options client = vm_client_options(request);

	(void)argc;
	(void)argv;
	return client_status(&client);
}

static int cmd_console(const struct request *request, int argc, char **argv)
{
	struct client_options client = vm_client_options(request);

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
	  "boot a machine for a session at its console, or for a command",
	  cmd_run, 0, INT_MAX },
	{ "start", "", "boot the machine and leave it running", cmd_start,
	  0, 0 },
	{ "state", "", "boot a machine and save it for later commands",
	  cmd_state, 0, 0 },
	{ "exec", "[-- COMMAND...]",
	  "run a command, or a shell, in the running machine", cmd_exec,
	  0, INT_MAX },
	{ "put", "FILE [TO]", "copy a file or folder into it, to /root/ by default",
	  cmd_put, 1, 2 },
	{ "get", "FILE [TO]", "copy a file or folder out of it, to here by default",
	  cmd_get, 1, 2 },
	{ "dump", "[TO]", "write its memory, to vm/last/vmcore by default",
	  cmd_dump, 0, 1 },
	{ "monitor", "COMMAND", "send a command to QEMU's monitor", cmd_monitor,
	  1, 1 },
	{ "screenshot", "[TO]",
	  "write its screen, to screenshot.png here by default",
	  cmd_screenshot, 0, 1 },
	{ "reload", "NAME [PARAMS]",
	  "replace a loaded module by its new build",
	  cmd_reload, 1, 2 },
	{ "console", "", "connect to its console", cmd_console,
	  0, 0 },
	{ "status", "", "show what runs, or how the last run ended", cmd_status, 0, 0 },
	{ "stop", "", "end it, and the spare machines", cmd_stop, 0, 0 },
	{ "drop", "", "end the spare machines", cmd_drop, 0, 0 },
	{ "virtiofs", "-- QEMU...",
	  "start QEMU with the virtiofsd processes of VM_VIRTIOFS",
	  cmd_virtiofs, 1, INT_MAX },
};

static int vm_print_help(void)
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
static int vm_take_timeout(struct request *request, const char *text)
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
static int vm_take_fresh(struct request *request, const char *text)
{
	if (strcmp(text, "boot")) {
		say("--fresh takes the word boot, not `%s'", text);
		return -1;
	}
	request->boot = true;
	return 0;
}

static int vm_accept_option(struct request *request, int letter)
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
	case 'e':
		request->at_end = optarg;
		break;
	case 'k':
		request->kernel = optarg;
		break;
	case 'm':
		request->modules = optarg;
		break;
	case 't':
		return vm_take_timeout(request, optarg);
	case 'f':
		return vm_take_fresh(request, optarg);
	case 'p':
		request->print = true;
		break;
	case 'g':
		request->gdb = true;
		break;
	case 'v':
		request->verbose = true;
		break;
	case 's':
		request->status = true;
		break;
	case 'h':
		request->help = true;
		break;
	}
	return 0;
}

/* Returns 0, or -1 after printing what is wrong. */
static int vm_parse_options(struct request *request, int argc, char **argv)
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
		if (c == '?' || vm_accept_option(request, c) < 0)
			return -1;
	return 0;
}

/* Returns 0, or -1 after printing why no kernel can be chosen there. */
static int vm_check_kernel(const struct request *request, bool is_run)
{
	if (!request->kernel && !request->modules)
		return 0;
	if (!request->kernel)
		say("--modules needs --kernel, whose modules they are");
	else if (!is_run)
		say("only `run' takes another kernel (--kernel)");
	else
		return 0;
	return -1;
}

static int vm_run_command(const struct request *request, int argc, char **argv)
{
	size_t i;

	if (!argc) {
		say("no command given; `vm --help' lists them");
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
	if (vm_check_kernel(request, commands[i].run == cmd_run) < 0)
		return EXIT_USAGE;
	return commands[i].run(request, argc - 1, argv + 1);
}

/* Restore what a careless parent may have taken away. */
static void vm_sanitize(void)
{
	bool is_output;
	int fd;

	/*
	 * No file opened later may become a standard descriptor.  Writing to a
	 * standard output that was closed must fail.
	 */
	do {
		is_output = fcntl(STDIN_FILENO, F_GETFD) >= 0 &&
			    fcntl(STDOUT_FILENO, F_GETFD) < 0;
		fd = open("/dev/null", is_output ? O_RDONLY : O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);

	/* While SIGCHLD is ignored, waitpid() fails. */
	signal(SIGCHLD, SIG_DFL);

	/* write() reports a pipe that nobody reads. */
	signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
	struct request request = { .dir = "out" };

	vm_sanitize();
	if (vm_parse_options(&request, argc, argv) < 0)
		return EXIT_USAGE;
	if (request.help)
		return vm_print_help();
	return vm_run_command(&request, argc - optind, argv + optind);
}
