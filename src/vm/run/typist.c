// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/macros.h"
#include "lib/str.h"
#include "vm/run/typist.h"

static void typist_done(struct ask *ask)
{
	struct typist *typist = container_of(ask, struct typist, ask);

	if (ask_is_lost(ask))
		return;
	typist->ended(typist, !ask->err ? NULL :
		      str_printf("standard input cannot be typed: %s",
				 ask_why(ask)));
}

int typist_start(struct typist *typist, struct loop *loop,
		 struct control *control)
{
	static const int std[] = { STDIN_FILENO, -1, -1 };
	int pair[2];
	int err;

	typist->ask.done = typist_done;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	err = control_add(control, pair[0]);
	if (!err)
		err = ask_open(&typist->ask, loop, pair[1], std);
	return err ? err : ask_send(&typist->ask, FRAME_TYPE, NULL, 0);
}

void typist_fini(struct typist *typist)
{
	ask_close(&typist->ask);
}
