// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lib/macros.h"
#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/client/call.h"
#include "vm/link/control.h"
#include "vm/say.h"

static void call_done(struct ask *ask)
{
	loop_stop(&container_of(ask, struct call, ask)->loop);
}

static void call_leave(struct ask *ask)
{
	struct call *call = container_of(ask, struct call, ask);

	call->is_left = true;
	loop_stop(&call->loop);
}

static void call_hung_up(struct ask *ask)
{
	struct call *call = container_of(ask, struct call, ask);

	call->sig = SIGHUP;
	loop_stop(&call->loop);
}

static void call_limit_passed(struct loop_timer *timer)
{
	struct call *call = container_of(timer, struct call, limit);

	call->is_timed_out = true;
	loop_stop(&call->loop);
}

static void call_signal_came(struct loop_fd *fd, u32 events)
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

static int call_catch_signals(struct call *call)
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
	call->signals = (struct loop_fd){ .fd = fd, .ready = call_signal_came };
	return loop_want(&call->loop, &call->signals, EPOLLIN);
}

char *call_work(const struct client_options *options)
{
	return options->work ? xstrdup(options->work) :
			       str_printf("%s/vm", options->dir);
}

int call_connect(const struct client_options *options)
{
	char *work = call_work(options);
	int fd = control_connect(work);

	free(work);
	return fd;
}

/* The same, after printing why not. */
static int call_connect_or_say(const struct client_options *options)
{
	int fd = call_connect(options);
	char *work;

	if (fd == -ENOENT || fd == -ECONNREFUSED)
		say("no machine runs in %s; `make start` starts one",
		    options->work ? options->work : options->dir);
	if (fd >= 0 || fd == -ENOENT || fd == -ECONNREFUSED)
		return fd;
	work = call_work(options);
	say("%s/control: %s", work, strerror(-fd));
	free(work);
	return fd;
}

int call_open(struct call *call, const struct client_options *options,
	      const int std[3])
{
	int fd, err;

	*call = (struct call){ .timeout = options->timeout, .signals.fd = -1 };
	fd = call_connect_or_say(options);
	if (fd < 0)
		return fd;

	call->ask.done = call_done;
	call->ask.hung_up = call_hung_up;
	call->limit.fire = call_limit_passed;
	err = loop_init(&call->loop);
	if (!err)
		err = call_catch_signals(call);
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
	call->ask.leave = call_leave;
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
