// SPDX-License-Identifier: GPL-2.0-only
/*
 * fakeqemu - what QEMU is to the supervisor, for each way a run can end
 *
 * Its channels are those of QEMU: QMP and the agent's port are sockets of -chardev,
 * the console is its standard input and output.  In place of a guest, the agent
 * runs on this host (FAKE_AGENT names the program), but may not touch it.  It ends,
 * with all that it runs, when its socket is closed: when the fake ends in any way.
 *
 * It can be saved, and begin with what it has told: one line.
 *
 * FAKE is a folder: started, argv and pids tell what was started, stopped who was told to
 * stand still, `alive` is locked by each that lives.  FAKE_TCG and FAKE_KVM are how it behaves, see
 * behaviours below.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/frame.h"
#include "lib/macros.h"

#define BY_GUEST "\"guest\": true, \"reason\": \"guest-reset\""

static const char *how; /* it behaves */
static int qmp = -1;
static int port = -1; /* the supervisor's end of the agent's port */
static int agent = -1; /* the agent's */
static int state = -1; /* to tell what the devices are, or to be told */
static bool is_waiting; /* for that, before it begins */
static bool is_paused; /* it does nothing until it is to go on */
static bool is_held; /* it waits at its end until it is told to quit */
static u32 kmsg; /* the stream of the kernel's log, which is empty */
static u32 typed; /* the stream of what is typed at the console */

#define DEVICES "the devices of a fake\n"

static bool is(const char *behaviour)
{
	return !strcmp(how, behaviour);
}

static void send_all(int fd, const void *bytes, size_t count)
{
	if (fd_write(fd, bytes, count) < 0)
		exit(1);
}

static void say(int fd, const char *fmt, ...) __printf(2, 3);

static void say(int fd, const char *fmt, ...)
{
	char text[4096];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	send_all(fd, text, len);
}

static void tell(const char *name, const char *data)
{
	if (qmp >= 0)
		say(qmp, "{\"event\": \"%s\", \"data\": {%s}}\r\n", name,
		    data);
}

static void note(const char *file, const char *fmt, ...) __printf(2, 3);

static void note(const char *file, const char *fmt, ...)
{
	char path[4096];
	va_list ap;
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", getenv("FAKE"), file);
	out = fopen(path, "a");
	if (!out)
		return;
	va_start(ap, fmt);
	vfprintf(out, fmt, ap);
	va_end(ap);
	fclose(out);
}

/* The guest resets the machine, which ends QEMU under -no-reboot, or it waits. */
static void reset_and_end(void)
{
	tell("SHUTDOWN", BY_GUEST);
	if (!is_held)
		exit(0);
}

static void shut_down(void)
{
	say(1, "[    2.000000] reboot: Restarting system\r\n");
	reset_and_end();
}

/* Somebody prints the log of an earlier machine before it. */
static void reset_behind_log(void)
{
	say(1, "[    0.500000] the latest\r\n"
	    "[    0.000000] Linux version 6.12.0 (a fake)\r\n"
	    "[    0.300000] reboot: Restarting system\r\n");
	reset_and_end();
}

static void fall_ill(void)
{
	say(1, "[    1.000000] Kernel panic - not syncing: the fake wants it\r\n"
	    "[    1.000001] CPU: 0 UID: 0 PID: 1 Comm: fake Not tainted 6.12.0 #1\r\n"
	    "[    1.000002] ---[ end Kernel panic - not syncing: the fake wants it ]---\r\n");
	reset_and_end();
}

static void flood(void)
{
	static char line[1000];
	size_t i;

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	say(1, "first words\r\n");
	for (i = 0; i < 100 * 1000; i++)
		send_all(1, line, sizeof(line));
	say(1, "last words\r\n");
}

static void reset_for_ever(void)
{
	while (true) {
		tell("RESET", BY_GUEST);
		poll(NULL, 0, 10);
	}
}

static void break_down(void)
{
	tell("STOP", "");
}

/* A panic of which the console says nothing, and that does not reset. */
static void panic_silently(void)
{
	tell("GUEST_PANICKED", "\"action\": \"run\"");
}

static void halt(void)
{
	say(1, "[    2.000000] reboot: System halted\r\n");
}

static void die(void)
{
	kill(getpid(), SIGKILL);
}

static void refuse(void)
{
	say(2, "fake: no such option\n");
	exit(1);
}

static void fail_kvm(void)
{
	say(2, "KVM internal error. Suberror: 1\n");
	pause();
}

static void hang(void)
{
	pause();
}

/* What happens when the command is to be run; the others: at the start. */
static const struct {
	const char *name;
	void (*act)(void);
	bool at_command;
} behaviours[] = {
	{ "up", NULL, false }, /* a good machine */
	{ "ok", shut_down, false }, /* one that ends at once */
	{ "left", NULL, false }, /* QEMU ends at Ctrl-A X */
	{ "refuse", refuse, false },
	{ "abort", abort, false },
	{ "hang", hang, false }, /* no word, not even QMP's */
	{ "kvm-error", fail_kvm, false },
	{ "silent", NULL, false }, /* no word from the guest */
	{ "deaf", NULL, false }, /* the same, and it does not quit */
	{ "panic", fall_ill, false },
	{ "triple-fault", reset_and_end, false },
	{ "old-log", reset_behind_log, false },
	{ "reset-loop", reset_for_ever, false },
	{ "halt", halt, false },
	{ "broken", break_down, false },
	{ "flood", flood, false },
	{ "late-die", die, true },
	{ "late-panic", fall_ill, true },
	{ "late-pvpanic", panic_silently, true },
	{ "late-triple-fault", reset_and_end, true },
	{ "late-reset-loop", reset_for_ever, true },
	{ "late-broken", break_down, true },
	{ "late-gone", NULL, true },
	{ "late-sleep", NULL, true }, /* it wakes up at once */
	{ "late-nonsense", NULL, true },
	{ "late-warning", NULL, true },
	{ "late-share", NULL, true },
	{ "late-busy", NULL, true }, /* nobody reads the console */
	{ "late-mute", NULL, true }, /* it cannot be typed at */
	{ "save-refused", NULL, false }, /* good machines but for this */
	{ "save-slow", NULL, false },
	{ "load-refused", NULL, false },
	{ "load-silent", NULL, false },
};

static void act(bool at_command)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(behaviours); i++)
		if (is(behaviours[i].name) && behaviours[i].act &&
		    behaviours[i].at_command == at_command)
			behaviours[i].act();
}

/* The number behind "id=NAME" and "fd=" of the same word. */
static int find_fd(char **argv, const char *id)
{
	const char *fd;

	for (; *argv; argv++) {
		fd = strstr(*argv, "fd=");
		if (fd && strstr(*argv, id))
			return atoi(fd + 3);
	}
	return -1;
}

static void start_agent(void)
{
	const char *program = getenv("FAKE_AGENT");
	char number[16];
	int pair[2];

	if (!program || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return;
	if (!fork()) {
		close(pair[0]);
		snprintf(number, sizeof(number), "%d", pair[1]);
		execl(program, program, "--agent", number, NULL);
		_exit(127);
	}
	close(pair[1]);
	agent = pair[0];
}

/* Answer in the agent's place. */
static void answer_done(u32 stream, int err)
{
	struct frame done = { .type = FRAME_DONE, .stream = stream, .size = 4 };
	char bytes[FRAME_HEAD + 4];

	frame_write(bytes, &done);
	frame_put32(bytes + FRAME_HEAD, err);
	send_all(port, bytes, sizeof(bytes));
}

static void take_run(void)
{
	act(true);
	if (is("late-gone")) {
		shutdown(agent, SHUT_RDWR);
		tell("VSERPORT_CHANGE", "\"open\": false, \"id\": \"agent\"");
	} else if (is("late-sleep")) {
		say(1, "[    1.000000] PM: suspend entry (s2idle)\r\n"
		    "[    1.000001] Filesystems sync: 0.004 seconds\r\n");
		tell("VSERPORT_CHANGE", "\"open\": false, \"id\": \"agent\"");
		tell("VSERPORT_CHANGE", "\"open\": true, \"id\": \"agent\"");
		say(1, "[    2.000000] PM: suspend exit\r\n");
	} else if (is("late-nonsense")) {
		send_all(port, "\377\377\377\377nonsense from the guest", 27);
	} else if (is("late-warning")) {
		say(1, "[    1.000000] WARNING: CPU: 0 PID: 1 at kernel/fake.c:1 fake+0x1/0x2\r\n"
		    "[    1.000001] ---[ end trace 0000000000000000 ]---\r\n");
	}
}

static void agent_ready(void)
{
	char bytes[65536];
	ssize_t n = recv(agent, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n > 0) {
		send_all(port, bytes, n);
	} else if (!n || errno != EAGAIN) {
		close(agent);
		agent = -1;
	}
}

/* The agent may wait for us to read before it reads on. */
static void pass_on(const struct frame *frame, const char *bytes)
{
	size_t left = FRAME_HEAD + frame->size;
	struct pollfd fd = { .events = POLLIN | POLLOUT };
	ssize_t n;

	for (; left && agent >= 0; bytes += n, left -= n) {
		n = 0;
		fd.fd = agent;
		poll(&fd, 1, -1);
		if (fd.revents & ~POLLOUT)
			agent_ready();
		else
			n = send(agent, bytes, left, MSG_DONTWAIT);
		if (n < 0)
			exit(1);
	}
}

/* Keys are echoed, as by a shell. */
static void take_keys(const char *keys, size_t count)
{
	send_all(1, keys, count);
	if (memmem(keys, count, "poweroff", 8))
		shut_down();
}

/* What the agent is to type, and its end: whoever reads it then ends. */
static void take_typed(const struct frame *frame, const char *data)
{
	char credit[FRAME_HEAD + 4];
	struct frame answer = {
		.type = FRAME_CREDIT,
		.stream = typed,
		.size = 4,
	};

	if (is("late-busy"))
		return;
	if (frame->type == FRAME_END) {
		answer_done(typed, 0);
		return;
	}
	take_keys(data, frame->size);
	frame_write(credit, &answer);
	frame_put32(credit + FRAME_HEAD, frame->size);
	send_all(port, credit, sizeof(credit));
}

/* Pass a frame of the supervisor's on, unless it would touch the host. */
static void take_frame(const struct frame *frame, const char *bytes)
{
	switch (frame->type) {
	case FRAME_POWER:
		answer_done(frame->stream, 0);
		shut_down();
		break;
	case FRAME_CLOCK:
	case FRAME_ENTROPY:
	case FRAME_NAME:
		answer_done(frame->stream, 0);
		break;
	case FRAME_SHARE:
		answer_done(frame->stream, is("late-share") ? -ENODEV : 0);
		break;
	case FRAME_KMSG:
		kmsg = frame->stream;
		break;
	case FRAME_TYPE:
		typed = frame->stream;
		if (is("late-mute"))
			answer_done(typed, -ENODEV);
		break;
	case FRAME_DATA:
	case FRAME_END:
		if (frame->stream == typed)
			take_typed(frame, bytes + FRAME_HEAD);
		else if (frame->stream == kmsg)
			answer_done(kmsg, 0);
		else
			pass_on(frame, bytes);
		break;
	case FRAME_RUN:
		take_run();
		pass_on(frame, bytes);
		break;
	default:
		pass_on(frame, bytes);
	}
}

static void port_ready(void)
{
	static char bytes[2 * (FRAME_HEAD + FRAME_MAX)];
	static size_t count;
	struct frame frame;
	size_t at = 0;
	ssize_t n;

	n = read(port, bytes + count, sizeof(bytes) - count);
	if (n <= 0)
		exit(1);
	count += n;
	while (frame_read(&frame, bytes + at, count - at) > 0) {
		take_frame(&frame, bytes + at);
		at += FRAME_HEAD + frame.size;
	}
	memmove(bytes, bytes + at, count - at);
	count -= at;
}

/* Returns false if it is refused. */
static bool tell_devices(void)
{
	if (is("save-refused"))
		return false;
	tell("STOP", "");
	if (is("save-slow")) {
		if (getenv("FAKE_EVENTS"))
			note("events", "saving\n");
		return true;
	}
	send_all(state, DEVICES, strlen(DEVICES));
	close(state);
	tell("MIGRATION", "\"status\": \"completed\"");
	return true;
}

static void hear_devices(void)
{
	char text[sizeof(DEVICES)] = {};

	if (read(state, text, sizeof(text)) != (ssize_t)strlen(DEVICES) ||
	    strcmp(text, DEVICES) || is("load-refused")) {
		say(2, "fake: these are no devices of mine\n");
		exit(1);
	}
	if (is("load-silent"))
		return;
	is_waiting = false;
	start_agent();
}

static void answer_qmp(const char *line)
{
	const char *id = strstr(line, "\"id\":");
	int number = id ? atoi(id + 5) : 0;

	if (strstr(line, "\"migrate\"") && !tell_devices()) {
		say(qmp, "{\"error\": {\"desc\": \"a fake device is in the way\"}, \"id\": %d}\r\n",
		    number);
		return;
	}
	if (strstr(line, "\"migrate-incoming\""))
		hear_devices();

	if (strstr(line, "\"quit\"") && !is("deaf")) {
		say(qmp, "{\"return\": {}, \"id\": %d}\r\n", number);
		tell("SHUTDOWN", "\"guest\": false, \"reason\": \"host-qmp-quit\"");
		exit(0);
	}
	if (strstr(line, "\"stop\"")) {
		tell("STOP", "");
		is_paused = true;
		note("stopped", "%d\n", getpid());
	}
	if (strstr(line, "\"cont\"") && is_paused) {
		tell("RESUME", "");
		is_paused = false;
	}
	is_held |= !!strstr(line, "set-action");
	if (strstr(line, "query-status"))
		say(qmp, "{\"return\": {\"status\": \"%s\", \"running\": false}, \"id\": %d}\r\n",
		    strstr(how, "broken") ? "internal-error" : "running",
		    number);
	else if (strstr(line, "info registers"))
		say(qmp, "{\"return\": \"RFL=00000046 [---Z-P-] CPL=0 HLT=%d\", \"id\": %d}\r\n",
		    is("halt"), number);
	else
		say(qmp, "{\"return\": {}, \"id\": %d}\r\n", number);
}

/* Read, and keep the descriptor that may come with it. */
static ssize_t receive(char *to, size_t room)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(state))];
	} control;
	struct iovec bytes = { .iov_base = to, .iov_len = room };
	struct msghdr message = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(qmp, &message, 0);

	if (n > 0 && CMSG_FIRSTHDR(&message))
		memcpy(&state, CMSG_DATA(&control.head), sizeof(state));
	return n;
}

static void qmp_ready(void)
{
	static char text[65536];
	static size_t count;
	char *end;
	ssize_t n;

	n = receive(text + count, sizeof(text) - count - 1);
	if (n <= 0)
		exit(1);
	count += n;
	text[count] = '\0';
	while ((end = strchr(text, '\n'))) {
		*end = '\0';
		answer_qmp(text);
		count -= end + 1 - text;
		memmove(text, end + 1, count + 1);
	}
}

/* Ctrl-A X ends QEMU. */
static void keys_ready(void)
{
	char keys[4096];
	ssize_t n = read(0, keys, sizeof(keys));

	if (n <= 0)
		exit(0);
	take_keys(keys, n);
	if (memmem(keys, n, "\001x", 2))
		exit(0);
}

static void serve(void)
{
	struct pollfd fds[] = {
		{ .fd = qmp, .events = POLLIN },
		{ .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
		{ .fd = 0, .events = POLLIN },
	};

	while (true) {
		fds[1].fd = is_waiting || is_paused ? -1 : port;
		fds[2].fd = is_paused ? -1 : agent;
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			exit(1);
		if (fds[0].revents)
			qmp_ready();
		if (fds[1].revents)
			port_ready();
		if (fds[2].revents)
			agent_ready();
		if (fds[3].revents)
			keys_ready();
	}
}

/* That there are never two, and that all are gone, is seen by a lock. */
static void be_alive(void)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/alive", getenv("FAKE"));
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		note("two", "%d\n", getpid());
}

int main(int argc, char **argv)
{
	bool has_agent;
	bool kvm = false;
	int i;

	how = getenv("FAKE_TCG");
	for (i = 1; i < argc; i++) {
		kvm |= !strcmp(argv[i - 1], "-accel") &&
		       !strcmp(argv[i], "kvm");
		is_waiting |= !strcmp(argv[i], "-incoming");
	}
	if (kvm)
		how = getenv("FAKE_KVM");
	if (!how)
		how = "up";

	be_alive();
	note("pids", "%d\n", getpid());
	note("started", "%s\n", kvm ? "kvm" : "tcg");
	for (i = 0; i < argc; i++)
		note("argv", "%s\n", argv[i]);
	if (getenv("FAKE_EVENTS"))
		note("events", "ready %d\n", getpid());

	qmp = find_fd(argv, "id=qmp");
	port = find_fd(argv, "id=agent");
	if (qmp < 0) {
		/* A trial of KVM: a kernel that comes up finds no root. */
		if (!is("ok"))
			act(false);
		fall_ill();
	}
	if (is("hang"))
		pause();
	say(qmp, "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n");
	say(1, "[    0.000000] Linux version 6.12.0 (a fake)\r\n");
	act(false);
	has_agent = is("up") || is("flood") || !strncmp(how, "late-", 5) ||
		    !strncmp(how, "save-", 5) || !strncmp(how, "load-", 5);
	if (has_agent && !is_waiting)
		start_agent();
	serve();
}
