// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "call.h"
#include "control.h"
#include "macros.h"
#include "say.h"
#include "str.h"

static void done(struct ask *ask)
{
	loop_stop(&container_of(ask, struct call, ask)->loop);
}

static void leave(struct ask *ask)
{
	struct call *call = container_of(ask, struct call, ask);

	call->is_left = true;
	loop_stop(&call->loop);
}

static void limit_passed(struct loop_timer *timer)
{
	struct call *call = container_of(timer, struct call, limit);

	call->is_timed_out = true;
	loop_stop(&call->loop);
}

static void signal_came(struct loop_fd *fd, u32 events)
{
	struct call *call = container_of(fd, struct call, signals);
	struct signalfd_siginfo info;
	u16 rows, columns;

	(void)events;
	if (read(fd->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo != SIGWINCH) {
		call->sig = info.ssi_signo;
		loop_stop(&call->loop);
	} else if (call->is_raw) {
		term_size(&rows, &columns);
		ask_resize(&call->ask, rows, columns);
	}
}

static int catch_signals(struct call *call)
{
	static const int caught[] = { SIGTERM, SIGHUP, SIGINT, SIGWINCH };
	sigset_t set;
	size_t i;
	int fd;

	sigemptyset(&set);
	for (i = 0; i < ARRAY_SIZE(caught); i++)
		sigaddset(&set, caught[i]);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	sigprocmask(SIG_BLOCK, &set, &call->mask);
	call->signals = (struct loop_fd){ .fd = fd, .ready = signal_came };
	return loop_want(&call->loop, &call->signals, EPOLLIN);
}

/* Returns a connected socket, or -errno after having said why. */
static int connect_to(const char *dir)
{
	char *work = str_printf("%s/vm", dir);
	int fd = work ? control_connect(work) : -ENOMEM;

	free(work);
	if (fd == -ENOENT || fd == -ECONNREFUSED)
		say("no machine runs in %s; `make start` starts one", dir);
	else if (fd < 0)
		say("%s/vm/control: %s", dir, strerror(-fd));
	return fd;
}

int call_open(struct call *call, const char *dir, int timeout,
	      const int std[3])
{
	int fd, err;

	*call = (struct call){ .timeout = timeout, .signals.fd = -1 };
	fd = connect_to(dir);
	if (fd < 0)
		return fd;

	call->ask.done = done;
	call->limit.fire = limit_passed;
	err = loop_init(&call->loop);
	if (!err)
		err = catch_signals(call);
	if (!err)
		err = ask_open(&call->ask, &call->loop, fd, std);
	if (err < 0)
		say("cannot talk to the machine: %s", strerror(-err));
	return err;
}

bool call_take_terminal(struct call *call)
{
	if (!term_is_ours())
		return false;
	term_save(&call->term);
	term_raw(&call->term);
	call->ask.leave = leave;
	call->is_raw = true;
	return true;
}

void call_wait(struct call *call)
{
	if (call->timeout)
		loop_timer_set(&call->loop, &call->limit,
			       call->timeout * 1000LL);
	loop_run(&call->loop);
}

void call_close(struct call *call)
{
	ask_close(&call->ask);
	loop_fini(&call->loop);
	term_restore(&call->term);
	close(call->signals.fd);
	if (call->sig) {
		signal(call->sig, SIG_DFL);
		raise(call->sig);
	}
	sigprocmask(SIG_SETMASK, &call->mask, NULL);
}
