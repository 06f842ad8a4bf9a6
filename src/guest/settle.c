// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/fs.h"
#include "guest/settle.h"
#include "guest/systemd.h"

#define STEP_MS 20

/* A script that is the first program may end in an init, or be all there is. */
#define SCRIPT_MS 2000

enum kind { KIND_BUSYBOX, KIND_SYSTEMD, KIND_SCRIPT, KIND_OTHER };

/* A pipe at its end when init has settled; with a byte in it if it did not. */
static int settled = -1;

static bool settle_ends_in(const char *text, const char *end)
{
	size_t len = strlen(text);

	return len >= strlen(end) && !strcmp(text + len - strlen(end), end);
}

static enum kind settle_kind(int proc)
{
	char program[PATH_MAX], name[64];
	ssize_t n;

	n = readlinkat(proc, "1/exe", program, sizeof(program) - 1);
	program[n > 0 ? n : 0] = '\0';
	if (settle_ends_in(program, "/systemd"))
		return KIND_SYSTEMD;
	/* Only its first word, which may be a whole path. */
	if (fs_read(proc, "1/cmdline", name, sizeof(name)) <= 0)
		return KIND_OTHER;
	if (settle_ends_in(name, "sh"))
		return KIND_SCRIPT;
	return settle_ends_in(program, "/busybox") &&
	       settle_ends_in(name, "init") ? KIND_BUSYBOX : KIND_OTHER;
}

/*
 * While busybox runs what belongs to sysinit, it waits for a child.  Afterwards it
 * waits for signals, or sleeps, as older ones do between two looks at its children.
 */
static bool settle_is_past_sysinit(int proc)
{
	char text[200];
	long number = 0;
	char *digit;

	if (fs_read(proc, "1/syscall", text, sizeof(text)) < 0)
		return true;
	for (digit = text; *digit >= '0' && *digit <= '9'; digit++)
		number = number * 10 + *digit - '0';
	return digit > text &&
	       (number == SYS_rt_sigtimedwait || number == SYS_nanosleep ||
		number == SYS_clock_nanosleep);
}

static bool settle_is_settled(int proc, int ms)
{
	switch (settle_kind(proc)) {
	case KIND_BUSYBOX:
		return settle_is_past_sysinit(proc);
	case KIND_SYSTEMD:
		return systemd_is_basic();
	case KIND_SCRIPT:
		return ms >= SCRIPT_MS;
	default:
		return true;
	}
}

/* In the process that watches. */
static int settle_follow(int started, int seconds)
{
	int proc, ms;
	char byte;

	while (read(started, &byte, 1) < 0 && errno == EINTR)
		;
	proc = fs_mount("proc");
	for (ms = 0; ms < seconds * 1000; ms += STEP_MS) {
		if (settle_is_settled(proc, ms))
			return 0;
		poll(NULL, 0, STEP_MS);
	}
	return -ETIMEDOUT;
}

void settle_watch(int started, int seconds)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		goto out_close;
	pid = fork();
	if (!pid) {
		close(ends[0]);
		if (settle_follow(started, seconds) < 0 &&
		    write(ends[1], "", 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(ends[1]);
	settled = ends[0];
out_close:
	close(started);
}

int settle_wait(void)
{
	struct pollfd end = { .fd = settled, .events = POLLIN };
	sigset_t none;

	if (settled < 0)
		return 0;
	sigemptyset(&none);
	while (ppoll(&end, 1, NULL, &none) < 0)
		;
	return end.revents & POLLIN ? -ETIMEDOUT : 0;
}
