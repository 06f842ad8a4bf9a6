// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/macros.h"
#include "lib/str.h"
#include "vm/run/parting.h"
#include "vm/say.h"

static void parting_done(struct ask *ask)
{
	struct parting *parting = container_of(ask, struct parting, ask);

	if (!ask->is_exit)
		say("the command at the end was not run: %s", ask_why(ask));
	else if (ask->status)
		say("the command at the end ended with status %d", ask->status);
	parting->ended(parting);
}

static int parting_create(const char *folder)
{
	char *path = str_printf("%s/at-end", folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int err = -errno;

	free(path);
	return fd < 0 ? err : fd;
}

int parting_start(struct parting *parting, struct loop *loop,
		  struct control *control, const char *line,
		  const char *folder)
{
	char *const words[] = { (char *)"/bin/sh", (char *)"-c", (char *)line,
				NULL };
	int std[] = { -1, -1, STDERR_FILENO };
	int fd = parting_create(folder);
	int pair[2];
	int err;

	if (fd < 0)
		return fd;
	parting->fd = fd;
	parting->ask.done = parting_done;
	std[1] = fd;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	err = control_add(control, pair[0]);
	if (!err)
		err = ask_open(&parting->ask, loop, pair[1], std);
	return err ? err : ask_run(&parting->ask, words, false, 0, 0);
}

void parting_fini(struct parting *parting)
{
	ask_close(&parting->ask);
	if (parting->fd)
		close(parting->fd);
	parting->fd = 0;
}
