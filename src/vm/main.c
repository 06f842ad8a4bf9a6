// SPDX-License-Identifier: GPL-2.0-only
/*
 * vm - run the lab's virtual machine
 *
 * Ends with 0, 125 or 255 as run.h says, or 2 if the command line is wrong.
 */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "macros.h"
#include "run.h"
#include "say.h"

#define EXIT_USAGE 2

struct request {
	struct run_options run;
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
	{ "print", NULL, "print QEMU's command and start nothing", 'p' },
	{ "help", NULL, "print this", 'h' },
};

static int cmd_run(const struct request *request, int argc, char **argv)
{
	if (argc > 0) {
		say("run cannot pass a command to the guest yet: `%s'",
		    argv[0]);
		return EXIT_USAGE;
	}
	return run(&request->run);
}

static const struct {
	const char *name;
	const char *help;
	int (*run)(const struct request *request, int argc, char **argv);
} commands[] = {
	{ "run", "boot the machine; Ctrl-A X leaves it", cmd_run },
};

static int print_help(void)
{
	size_t i;

	puts("usage: vm [OPTION]... COMMAND\n");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-18s %s\n", commands[i].name, commands[i].help);
	puts("");
	for (i = 0; i < ARRAY_SIZE(options); i++)
		printf("  -%c, --%-6s %-4s  %s\n", options[i].letter,
		       options[i].name, options[i].arg ? options[i].arg : "",
		       options[i].help);
	puts("\nWith automatic choice of the accelerator --print shows TCG until a run has\n"
	     "found that KVM works.");
	return fflush(stdout) ? 1 : 0;
}

static void accept_option(struct request *request, int letter)
{
	switch (letter) {
	case 'O':
		request->run.dir = optarg;
		break;
	case 'p':
		request->run.print = true;
		break;
	case 'h':
		request->help = true;
		break;
	}
}

/* Returns 0, or -1 after getopt_long() has said what is wrong. */
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

	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == '?')
			return -1;
		accept_option(request, c);
	}
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
			return commands[i].run(request, argc - 1, argv + 1);

	say("no such command: `%s'; `vm --help' lists them", argv[0]);
	return EXIT_USAGE;
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
}

int main(int argc, char **argv)
{
	struct request request = { .run.dir = "out" };

	sanitize();
	if (parse_options(&request, argc, argv) < 0)
		return EXIT_USAGE;
	if (request.help)
		return print_help();
	return run_command(&request, argc - optind, argv + optind);
}
