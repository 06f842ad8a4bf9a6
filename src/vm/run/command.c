// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/macros.h"
#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/run/command.h"
#include "vm/say.h"

static void command_set_status(struct command *command, int status)
{
	command->has_status = true;
	command->status = status;
}

static void command_take_result(struct command *command)
{
	const struct ask *ask = &command->ask;
	const char *why = ask_why(ask);
	char *advice;

	if (ask->output[0].err == -EPIPE) {
		command->is_closed = true;
	} else if (ask->output[0].err < 0) {
		why = strerror(-ask->output[0].err);
		command_set_status(command, EXIT_FAILURE);
		command->why = str_printf("standard output: %s", why);
		say("standard output: %s", why);
	} else if (ask->is_exit) {
		command_set_status(command, ask->status);
	} else if (ask_is_lost(ask)) {
		command->why = xstrdup(why);
	} else {
		/* The same statuses as a shell has. */
		command_set_status(command, ask->err == -ENOENT ? 127 : 126);
		say("%s", why);
		advice = ask_advice(ask, command->words);
		if (advice)
			say("%s", advice);
		free(advice);
	}
}

static void command_done(struct ask *ask)
{
	struct command *command = container_of(ask, struct command, ask);

	command->is_running = false;
	command_take_result(command);
	command->ended(command);
}

static void command_leave(struct ask *ask)
{
	struct command *command = container_of(ask, struct command, ask);

	command->left(command);
}

static void command_hung_up(struct ask *ask)
{
	struct command *command = container_of(ask, struct command, ask);

	command->hung_up(command);
}

/* Ask as a client of the control socket does. */
static int command_connect(struct command *command, struct loop *loop,
			   struct control *control)
{
	int std[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };
	int pair[2];
	int err;

	/* A process in the background would be stopped for reading. */
	if (isatty(STDIN_FILENO) && !term_is_ours())
		std[0] = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	err = control_add(control, pair[0]);
	return err ? err : ask_open(&command->ask, loop, pair[1], std);
}

int command_start(struct command *command, struct loop *loop,
		  struct control *control, const struct term *term,
		  char *const *words)
{
	bool tty = term_is_ours() && isatty(STDOUT_FILENO);
	u16 rows = 0, columns = 0;
	int err;

	if (tty) {
		term_size(&rows, &columns);
		command->ask.leave = command_leave;
	}
	command->words = words;
	command->ask.done = command_done;
	command->ask.hung_up = command_hung_up;
	command->ask.tests = tty ? NULL : &command->tests;

	err = command_connect(command, loop, control);
	if (!err)
		err = ask_run(&command->ask, words, true, rows, columns);
	if (err < 0)
		return err;
	command->is_running = true;
	if (tty)
		term_raw(term);
	return 0;
}

void command_fini(struct command *command)
{
	ask_close(&command->ask);
	free(command->why);
	command->why = NULL;
}

void command_resize(struct command *command)
{
	u16 rows, columns;

	if (!command->ask.leave)
		return;
	term_size(&rows, &columns);
	ask_resize(&command->ask, rows, columns);
}
