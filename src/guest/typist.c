// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "guest/console.h"
#include "guest/fs.h"
#include "guest/typist.h"

/* Milliseconds between two looks for a reader, doubled each time up to the maximum. */
#define STEP_MS 5
#define STEP_MAX_MS 160

/* A terminal that edits lines keeps so much of one; what comes behind is lost. */
#define LINE_ROOM 4095

#define CTRL_D 4

struct typist {
	struct console console;
	int dev; /* a descriptor of /dev */
	char name[64]; /* of the terminal there */
	int reader; /* who read last */
	int line; /* bytes of a line that has not ended, in the terminal's buffer */
	bool is_open; /* the last line has not ended */
};

/* Wait for a process that reads; false: the leader, if any, ended before. */
static bool typist_await(struct typist *t, int leader)
{
	int ms = STEP_MS;

	/* Whoever got the last line is soon back for the next one: let it run. */
	sched_yield();
	/* Look at the leader first: its init may start another shell at once. */
	while (!leader || console_is_alive(&t->console, leader)) {
		t->reader = console_reader(&t->console, t->reader);
		if (t->reader)
			return true;
		poll(NULL, 0, ms);
		if (ms < STEP_MAX_MS)
			ms *= 2;
	}
	return false;
}

/* Opened for each line: a login may hang the terminal up, and us with it. */
static int typist_open(const struct typist *t)
{
	int fd = openat(t->dev, t->name,
			O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int typist_strike(int fd, const char *keys, int count)
{
	for (; count; keys++, count--)
		if (ioctl(fd, TIOCSTI, keys) < 0)
			return -errno;
	return 0;
}

/* Ctrl-D: the end of the input, or, within a line, what there is of it. */
static int typist_strike_end(int fd)
{
	struct termios settings;
	char end = CTRL_D;

	if (!tcgetattr(fd, &settings) && settings.c_lflag & ICANON)
		end = settings.c_cc[VEOF];
	return typist_strike(fd, &end, 1);
}

/* Type a line or a part of one.  The terminal must have room for it. */
static int typist_type(struct typist *t, const char *keys, int count)
{
	struct termios settings;
	int err = 0;
	int fd;

	typist_await(t, 0);
	fd = typist_open(t);
	if (fd < 0)
		return fd;
	if (tcgetattr(fd, &settings) < 0 || !(settings.c_lflag & ICANON))
		t->line = 0;
	if (t->line + count > LINE_ROOM) {
		err = typist_strike_end(fd);
		typist_await(t, 0);
		t->line = 0;
	}
	if (!err)
		err = typist_strike(fd, keys, count);
	close(fd);
	t->is_open = keys[count - 1] != '\n';
	t->line = t->is_open ? t->line + count : 0;
	return err;
}

static int typist_type_lines(struct typist *t, const char *keys, int count)
{
	int n, err = 0;

	for (; count && !err; keys += n, count -= n) {
		n = 1;
		while (n < count && keys[n - 1] != '\n')
			n++;
		err = typist_type(t, keys, n);
	}
	return err;
}

static int typist_type_end(const struct typist *t)
{
	int fd = typist_open(t);
	int err;

	if (fd < 0)
		return fd;
	err = typist_strike_end(fd);
	close(fd);
	return err;
}

/* Wait until all that was written has left the machine. */
static void typist_drain(const struct typist *t)
{
	int fd = typist_open(t);

	if (fd < 0)
		return;
	tcdrain(fd);
	close(fd);
}

/* Ctrl-D ends who reads, then the shell that started it. */
static int typist_end(struct typist *t)
{
	int leader = 0;
	int err = 0;

	if (t->is_open)
		err = typist_type(t, "\n", 1);
	while (!err && typist_await(t, leader) && t->reader > 1) {
		leader = console_leader(&t->console, t->reader);
		err = typist_type_end(t);
		/* A program may ignore it and read on; do not type as fast as it reads. */
		poll(NULL, 0, STEP_MS);
	}
	typist_drain(t);
	return err;
}

static int typist_init(struct typist *t)
{
	struct text name = TEXT_IN(t->name);
	struct stat st;

	t->console.proc = fs_open_folder("proc", "/proc");
	t->dev = fs_open_folder("devtmpfs", "/dev");
	if (t->console.proc < 0)
		return t->console.proc;
	if (t->dev < 0)
		return t->dev;
	console_find(&name);
	if (fstatat(t->dev, t->name, &st, 0) < 0)
		return -errno;
	t->console.tty = console_number(st.st_rdev);
	return 0;
}

int typist_run(const char **what)
{
	struct typist t = {};
	char keys[1024];
	ssize_t n = 0;
	int err;

	/* An init that shuts down sends it to all: the machine's end is the answer then. */
	signal(SIGTERM, SIG_IGN);
	*what = "there is no console";
	err = typist_init(&t);
	if (err < 0)
		return err;
	*what = "the console does not take keys";
	do {
		n = read(STDIN_FILENO, keys, sizeof(keys));
		if (n > 0)
			err = typist_type_lines(&t, keys, n);
	} while (!err && (n > 0 || (n < 0 && errno == EINTR)));
	return err ? err : typist_end(&t);
}
