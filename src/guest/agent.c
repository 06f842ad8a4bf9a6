// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest/agent.h"
#include "guest/fs.h"
#include "guest/job.h"
#include "guest/mounts.h"
#include "guest/stream.h"
#include "guest/system.h"
#include "guest/wire.h"

/* Milliseconds between two looks for a host. */
#define PAUSE 10

enum { POLL_WIRE, POLL_SIGNALS, POLL_STREAMS };

static bool is_in_machine; /* else leave clock, name and power alone */
static bool lost = true; /* skip everything until a HELLO */
static u32 end_cmd; /* LINUX_REBOOT_CMD_, done when all is sent; 0: none */

/*
 * Where KILN_TIMERS says that QEMU may lose the next timer interrupt of a machine that it
 * saves, the host learns that this one is up when time goes on in it.  Else whatever waits
 * there would wait for ever.
 */
static void agent_await_timer(void)
{
	const struct timespec least = { .tv_nsec = 1 };

	if (getenv("KILN_TIMERS"))
		nanosleep(&least, NULL);
}

static void agent_handle_hello(const char *data)
{
	struct timespec now = {};
	char *to;

	stream_drop_all();
	agent_await_timer();
	lost = frame_get32(data) != FRAME_VERSION;

	/* Setting up the vDSO's clock_gettime() would cost 3 ms under TCG. */
	syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &now);
	to = wire_data();
	frame_put64(frame_put32(to, FRAME_VERSION),
		    now.tv_sec * 1000000000ULL + now.tv_nsec);
	wire_send(0, FRAME_HELLO, 0, 12);
}

static int agent_start_kmsg(struct stream *stream, bool is_new,
			    const char **what)
{
	static int dev = -1;
	int fd;

	*what = "/dev/kmsg";
	/* Kept open: this is the first request to a restored machine. */
	if (dev < 0)
		dev = fs_open_folder("devtmpfs", "/dev");
	if (dev < 0)
		return dev;
	fd = openat(dev, "kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (is_new)
		lseek(fd, 0, SEEK_END);
	stream->fd[STREAM_OUT] = fd;
	return 0;
}

/* Requests that take a while have a stream. */
static void agent_open_stream(const struct frame *frame, const char *data)
{
	struct stream *stream = stream_open(frame->stream, frame->type);
	const char *what = "";
	bool is_new;
	int err;

	if (!stream) {
		wire_done(frame->stream, -EMFILE, "too many streams are open");
		return;
	}
	is_new = frame->size == 4 && frame_get32(data);
	if (frame->type == FRAME_KMSG)
		err = agent_start_kmsg(stream, is_new, &what);
	else
		err = job_start(stream, data, frame->size, &what);
	if (err < 0)
		stream_fail(stream, err, what);
}

/* Requests that are done at once. */
static void agent_answer(const struct frame *frame, const char *data)
{
	const char *what = "";
	int err = 0;

	switch (frame->type) {
	case FRAME_CLOCK:
		what = "cannot set the clock";
		err = !is_in_machine ? -EPERM :
		      system_set_clock(frame_get64(data), frame_get32(data + 8));
		break;
	case FRAME_ENTROPY:
		what = "cannot feed the random pool";
		err = system_add_entropy(data, frame->size);
		break;
	case FRAME_NAME:
		what = "cannot set the host name";
		err = !is_in_machine ? -EPERM :
		      system_set_name(data, frame->size);
		break;
	case FRAME_POWER:
		what = "the machine cannot be ended this way";
		if (is_in_machine && system_can_end(frame_get32(data)))
			end_cmd = frame_get32(data);
		else
			err = -EINVAL;
		break;
	case FRAME_PING:
		break;
	default:
		what = "the agent does not know this request";
		err = -EOPNOTSUPP;
	}
	wire_done(frame->stream, err, what);
}

/* The reason in the answer is a complete sentence. */
static void agent_share(const struct frame *frame)
{
	char *data = wire_data();
	struct text why = { .bytes = data + 4, .room = 256 };

	if (!is_in_machine) {
		wire_done(frame->stream, -EPERM, "not in a machine");
		return;
	}
	frame_put32(data, mounts_share(&why));
	wire_send(frame->stream, FRAME_DONE, 0, 4 + why.size);
}

static void agent_handle_asked(const struct frame *frame, const char *data)
{
	struct stream *stream = stream_find(frame->stream);

	if (stream) {
		stream_fail(stream, -EPROTO, "the stream is in use");
		return;
	}
	switch (frame->type) {
	case FRAME_RUN:
	case FRAME_PUT:
	case FRAME_GET:
	case FRAME_LOAD:
	case FRAME_UNLOAD:
	case FRAME_KMSG:
	case FRAME_SETTLE:
		agent_open_stream(frame, data);
		break;
	case FRAME_TYPE:
		if (is_in_machine)
			agent_open_stream(frame, data);
		else
			wire_done(frame->stream, -EPERM, "not in a machine");
		break;
	case FRAME_SHARE:
		agent_share(frame);
		break;
	default:
		agent_answer(frame, data);
	}
}

/* A frame on an open stream. */
static void agent_handle_next(struct stream *stream, const struct frame *frame,
			      const char *data)
{
	switch (frame->type) {
	case FRAME_DATA:
		stream_data(stream, frame->channel, data, frame->size);
		break;
	case FRAME_END:
		stream_end(stream, frame->channel);
		break;
	case FRAME_CREDIT:
		stream_credit(stream, frame->channel, frame_get32(data));
		break;
	case FRAME_RESIZE:
		job_resize(stream, frame_get16(data), frame_get16(data + 2));
		break;
	case FRAME_SIGNAL:
		stream_signal(stream, frame_get32(data));
		break;
	case FRAME_CANCEL:
		stream_fail(stream, -ECANCELED, "");
		break;
	}
}

static void agent_handle(const struct frame *frame, const char *data)
{
	struct stream *stream;

	switch (frame->type) {
	case FRAME_HELLO:
		agent_handle_hello(data);
		break;
	case FRAME_DATA:
	case FRAME_END:
	case FRAME_CREDIT:
	case FRAME_RESIZE:
	case FRAME_SIGNAL:
	case FRAME_CANCEL:
		stream = stream_find(frame->stream);
		if (stream)
			agent_handle_next(stream, frame, data);
		break;
	case FRAME_STAT:
	case FRAME_DONE:
	case FRAME_EXIT:
		break; /* ours to send */
	default:
		agent_handle_asked(frame, data);
	}
}

/* Returns true if frames may be left because there was no room for answers. */
static bool agent_handle_all(void)
{
	struct frame frame;
	const char *data;
	int ret = 1;

	while (ret && wire_room() >= WIRE_ANSWER) {
		if (lost)
			wire_skip();
		ret = wire_next(&frame, &data);
		if (ret < 0) {
			stream_fail_all(ret,
					"received bytes that are no frame");
			lost = true;
		} else if (ret && (!lost || frame.type == FRAME_HELLO)) {
			agent_handle(&frame, data);
		}
	}
	return ret;
}

static void agent_reap(int signals)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	/* One signal may stand for many children. */
	while (read(signals, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		stream_reaped(pid, status);
}

/* Returns 0, or -EPIPE when nobody is at the other end. */
static int agent_turn(int fd, int signals)
{
	static struct pollfd polls[POLL_STREAMS + STREAM_POLLS];
	static bool more;
	int err = 0;

	polls[POLL_WIRE].fd = fd;
	polls[POLL_WIRE].events = (wire_has_space() ? POLLIN : 0) |
				  (wire_is_pending() ? POLLOUT : 0);
	polls[POLL_SIGNALS].fd = signals;
	polls[POLL_SIGNALS].events = POLLIN;
	stream_poll(polls + POLL_STREAMS);
	if (poll(polls, POLL_STREAMS + STREAM_POLLS, more ? 0 : -1) < 0)
		return 0;

	if (polls[POLL_SIGNALS].revents)
		agent_reap(signals);
	if (polls[POLL_WIRE].revents & ~POLLOUT)
		err = wire_receive();
	more = agent_handle_all();
	stream_serve(polls + POLL_STREAMS);
	wire_flush();
	more = more && wire_room() >= WIRE_ANSWER;
	return err;
}

static void agent_prepare(int fd)
{
	sigset_t all;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	fs_protect(true);
	signal(SIGPIPE, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	wire_open(fd);
}

void agent_run(int fd, bool is_port)
{
	sigset_t chld;
	int signals;

	is_in_machine = is_port;
	agent_prepare(fd);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	signals = signalfd(-1, &chld, SFD_NONBLOCK | SFD_CLOEXEC);

	for (;;) {
		if (agent_turn(fd, signals) < 0) {
			if (!is_port)
				break;
			/* poll() does not wait then. */
			poll(NULL, 0, PAUSE);
		}
		if (end_cmd && !wire_is_pending() && !system_end(end_cmd))
			end_cmd = 0;
	}
	stream_drop_all();
}
