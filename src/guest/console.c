// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "guest/console.h"
#include "guest/folder.h"
#include "guest/fs.h"
#include "lib/macros.h"

/* The numbers of /dev/console and /dev/tty, whatever terminal they stand for. */
#define NUMBER_CONSOLE 0x501
#define NUMBER_TTY 0x500

/* Who waits for a console waits for few descriptors; the others are not looked at. */
#define POLLS 16
#define SELECTS 64

/* The fields of /proc/PID/stat that follow the name. */
enum {
	STAT_STATE,
	STAT_PARENT,
	STAT_GROUP,
	STAT_SESSION,
	STAT_TTY,
	STAT_FOREGROUND,
	STATS
};

struct process {
	const struct console *console;
	int folder; /* a descriptor of /proc */
	const char *name; /* its number there */
	u64 stat[STATS];
};

/* The value of a digit; 16 for other characters. */
static unsigned int console_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/*
 * Read numbers of this base, each with a blank before it; a minus and 0x are skipped.
 * Returns how many were read.
 */
static int console_numbers(u64 *to, int most, const char *text,
			   unsigned int base)
{
	int count;

	for (count = 0; count < most && *text == ' '; count++) {
		text++;
		if (*text == '-' || (*text == '0' && text[1] == 'x'))
			text += *text == '-' ? 1 : 2;
		if (console_digit(*text) >= base)
			break;
		for (to[count] = 0; console_digit(*text) < base; text++)
			to[count] = to[count] * base + console_digit(*text);
	}
	return count;
}

static ssize_t console_read(const struct process *process, const char *file,
			    char *to, size_t room)
{
	char bytes[64];
	struct text path = TEXT_IN(bytes);

	text_add(&path, process->name);
	text_add(&path, file);
	return fs_read(process->folder, bytes, to, room);
}

static bool console_read_stat(struct process *process)
{
	char bytes[512];
	char *end;

	if (console_read(process, "/stat", bytes, sizeof(bytes)) <= 0)
		return false;
	/* The name may have any characters. */
	end = strrchr(bytes, ')');
	if (!end || !end[1] || !end[2])
		return false;
	process->stat[STAT_STATE] = end[2];
	return console_numbers(process->stat + 1, STATS - 1, end + 3, 10) ==
	       STATS - 1;
}

/* Is this descriptor of the process the console? */
static bool console_is_fd(const struct process *process, u64 fd)
{
	unsigned int tty = process->console->tty, number;
	char bytes[64];
	struct text path = TEXT_IN(bytes);
	struct stat st;

	text_add(&path, process->name);
	text_add(&path, "/fd/");
	text_add_number(&path, fd);
	if (fstatat(process->folder, bytes, &st, 0) < 0 || !S_ISCHR(st.st_mode))
		return false;
	number = console_number(st.st_rdev);
	return number == tty || number == NUMBER_CONSOLE ||
	       (number == NUMBER_TTY && process->stat[STAT_TTY] == tty);
}

static ssize_t console_peek(const struct process *process, u64 at, void *to,
			    size_t size)
{
	char bytes[64];
	struct text path = TEXT_IN(bytes);
	ssize_t n;
	int fd;

	text_add(&path, process->name);
	text_add(&path, "/mem");
	fd = openat(process->folder, bytes, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = pread(fd, to, size, at);
	close(fd);
	return n;
}

static bool console_is_polled(const struct process *process, u64 at, u64 count)
{
	struct pollfd polls[POLLS];
	ssize_t n;
	u64 i;

	if (count > POLLS)
		count = POLLS;
	n = console_peek(process, at, polls, count * sizeof(*polls));
	for (i = 0; n > 0 && i < n / sizeof(*polls); i++)
		if (polls[i].fd >= 0 && polls[i].events & POLLIN &&
		    console_is_fd(process, polls[i].fd))
			return true;
	return false;
}

static bool console_is_selected(const struct process *process, u64 count, u64 at)
{
	u64 fd, set;

	if (!at || console_peek(process, at, &set, sizeof(set)) != sizeof(set))
		return false;
	for (fd = 0; fd < count && fd < SELECTS; fd++)
		if (set >> fd & 1 && console_is_fd(process, fd))
			return true;
	return false;
}

/* Does the process sleep until something is typed at the console? */
static bool console_is_awaited(const struct process *process)
{
	char bytes[256] = " ";
	u64 call, arg[2];
	char *args;

	if (console_read(process, "/syscall", bytes + 1, sizeof(bytes) - 1) <= 0 ||
	    console_numbers(&call, 1, bytes, 10) != 1)
		return false;
	args = strchr(bytes + 1, ' ');
	if (!args || console_numbers(arg, ARRAY_SIZE(arg), args, 16) != 2)
		return false;
	/* Not each processor has the old ones. */
	switch (call) {
	case SYS_read:
	case SYS_readv:
		return console_is_fd(process, arg[0]);
#ifdef SYS_poll
	case SYS_poll:
#endif
	case SYS_ppoll:
		return console_is_polled(process, arg[0], arg[1]);
#ifdef SYS_select
	case SYS_select:
#endif
	case SYS_pselect6:
		return console_is_selected(process, arg[0], arg[1]);
	default:
		return false;
	}
}

/* A job in the background is stopped when it reads. */
static bool console_may_read(const struct process *process)
{
	const u64 *stat = process->stat;

	return stat[STAT_STATE] == 'S' &&
	       (stat[STAT_TTY] != process->console->tty ||
		stat[STAT_GROUP] == stat[STAT_FOREGROUND]);
}

static bool console_is_read_by(const struct console *console, int folder,
			       const char *name)
{
	struct process process = {
		.console = console,
		.folder = folder,
		.name = name,
	};

	return console_read_stat(&process) && console_may_read(&process) &&
	       console_is_awaited(&process);
}

static bool console_test(int folder, const char *name, const void *wanted)
{
	return *name >= '0' && *name <= '9' &&
	       console_is_read_by(wanted, folder, name);
}

void console_find(struct text *name)
{
	char bytes[100] = "";
	const char *last;
	ssize_t n;
	int sys;

	sys = fs_mount("sysfs");
	n = fs_read(sys, "class/tty/console/active", bytes, sizeof(bytes));
	close(sys);
	bytes[n > 0 ? n - 1 : 0] = '\0';
	last = strrchr(bytes, ' ');
	text_add(name, last ? last + 1 : bytes);
}

unsigned int console_number(dev_t device)
{
	unsigned int low = minor(device);

	return (low & 0xff) | major(device) << 8 | (low & ~0xff) << 12;
}

int console_reader(const struct console *console, int last)
{
	char bytes[32];
	struct text name = TEXT_IN(bytes);
	u64 pid = 0;

	text_add_number(&name, last);
	if (last && console_is_read_by(console, console->proc, bytes))
		return last;
	name = (struct text)TEXT_IN(bytes);
	text_add(&name, " ");
	if (folder_find(&name, console->proc, ".", "", console_test, console))
		console_numbers(&pid, 1, bytes, 10);
	return pid;
}

static bool console_look(const struct console *console, int pid, u64 *stat)
{
	char bytes[32];
	struct text name = TEXT_IN(bytes);
	struct process process = {
		.console = console,
		.folder = console->proc,
		.name = bytes,
	};

	text_add_number(&name, pid);
	if (!console_read_stat(&process))
		return false;
	memcpy(stat, process.stat, sizeof(process.stat));
	return true;
}

int console_leader(const struct console *console, int pid)
{
	u64 stat[STATS];

	/* The first process's session is no shell's. */
	if (!console_look(console, pid, stat) || stat[STAT_SESSION] <= 1)
		return pid;
	return stat[STAT_SESSION];
}

bool console_is_alive(const struct console *console, int pid)
{
	u64 stat[STATS];

	return console_look(console, pid, stat) && stat[STAT_STATE] != 'Z' &&
	       stat[STAT_STATE] != 'X';
}
