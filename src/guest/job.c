// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fs.h"
#include "job.h"
#include "macros.h"
#include "root.h"
#include "text.h"
#include "work.h"

/* A wider pipe makes for fewer changes from process to process. */
#define PIPE_SIZE FRAME_WINDOW

/* Where the process finds its report's descriptor. */
#define REPORT 3

static const char *const default_env[] = {
	"HOME=/root",
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"TERM=linux",
};

/* Used in the processes alone. */
static char *words[FRAME_MAX];
static char *env[FRAME_MAX + ARRAY_SIZE(default_env)];
static char path[PATH_MAX];

static bool same_name(const char *a, const char *b)
{
	size_t len = strcspn(a, "=");

	return len == strcspn(b, "=") && !strncmp(a, b, len);
}

/* Returns the word behind the last one. */
static char **split(char **to, const char *text, u32 count)
{
	while (count--) {
		*to++ = (char *)text;
		text += strlen(text) + 1;
	}
	return to;
}

static void make_env(const struct frame_run *run)
{
	char **end = split(env, run->env, run->envc);
	char **given;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(default_env); i++) {
		for (given = env; *given; given++)
			if (same_name(*given, default_env[i]))
				break;
		if (!*given)
			*end++ = (char *)default_env[i];
	}
	environ = env;
}

/* Become the command, or return why not. */
static int run(const struct frame_run *run, const char **what)
{
	const char *cwd = *run->cwd ? run->cwd : "/";

	split(words, run->args, run->argc);
	make_env(run);
	*what = cwd;
	if (chdir(cwd) < 0)
		return -errno;
	*what = words[0];
	execvp(words[0], words);
	return -errno;
}

/* Does the work in the process; returns only when it is done or has failed. */
static int work(u16 type, const char *data, u32 size, const char **what)
{
	struct frame_run asked;
	struct text text = TEXT_IN(path);
	u32 number = 0;

	if (type == FRAME_RUN) {
		frame_read_run(&asked, data, size);
		return run(&asked, what);
	}

	if (type == FRAME_PUT || type == FRAME_UNLOAD) {
		number = frame_get32(data);
		data += 4;
		size -= 4;
	}
	*what = path;
	text_add_bytes(&text, data, size);
	if (text.size < size)
		return -ENAMETOOLONG;
	if (strlen(path) < size)
		return -EINVAL;

	switch (type) {
	case FRAME_PUT:
		return work_put(path, number);
	case FRAME_GET:
		return work_get(path, REPORT);
	case FRAME_LOAD:
		*what = "the kernel does not take the module";
		return work_load(path);
	default:
		return work_unload(path, number);
	}
}

/* Only the pipes of this stream go on, at their places. */
static void take_places(int *theirs, bool is_tty)
{
	unsigned int i;

	if (is_tty)
		ioctl(theirs[STREAM_IN], TIOCSCTTY, 0);
	for (i = 0; i < STREAM_CHANNELS; i++)
		if (theirs[i] >= 0)
			dup2(theirs[i], i);
	if (theirs[STREAM_REPORT] != REPORT)
		dup3(theirs[STREAM_REPORT], REPORT, O_CLOEXEC);
	syscall(SYS_close_range, REPORT + 1, ~0U, 0);
}

static void report(int err, const char *what)
{
	char bytes[FRAME_HEAD + 1024];
	struct frame frame = { .stream = 1, .type = FRAME_DONE };

	frame.size = text_done(bytes + FRAME_HEAD, 512, err, what);
	frame.size += work_words(bytes + FRAME_HEAD + frame.size,
				 sizeof(bytes) - FRAME_HEAD - frame.size);
	frame_write(bytes, &frame);
	if (write(REPORT, bytes, FRAME_HEAD + frame.size) < 0)
		_exit(1);
}

static void child(const struct stream *stream, int *theirs, const char *data,
		  u32 size)
{
	const char *what = "";
	sigset_t none;
	int err;

	setsid();
	fs_protect(false);
	if (getppid() != 1)
		root_follow();
	fs_release();
	take_places(theirs, stream->is_tty);
	signal(SIGPIPE, SIG_DFL);
	work_prepare(stream->type);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);

	err = work(stream->type, data, size, &what);
	if (err < 0)
		report(err, what);
}

static int open_pipe(struct stream *stream, unsigned int i, int *theirs)
{
	int ends[2];
	bool in = i == STREAM_IN;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	stream->fd[i] = ends[in];
	theirs[i] = ends[!in];
	fcntl(stream->fd[i], F_SETFL, O_NONBLOCK);
	if (i != STREAM_REPORT)
		fcntl(stream->fd[i], F_SETPIPE_SZ, PIPE_SIZE);
	return 0;
}

/* Two descriptors of ours, so that each channel can be closed alone. */
static int open_tty(struct stream *stream, int *theirs)
{
	int unlocked = 0;
	int master, slave;

	master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (master < 0)
		return -errno;
	stream->fd[STREAM_OUT] = master;
	if (ioctl(master, TIOCSPTLCK, &unlocked) < 0)
		return -errno;
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return -errno;
	theirs[STREAM_IN] = slave;
	theirs[STREAM_OUT] = slave;
	theirs[STREAM_ERR] = slave;
	stream->fd[STREAM_IN] = fcntl(master, F_DUPFD_CLOEXEC, 0);
	return stream->fd[STREAM_IN] < 0 ? -errno : 0;
}

void job_resize(const struct stream *stream, u16 rows, u16 columns)
{
	const struct winsize size = { .ws_row = rows, .ws_col = columns };

	if (stream->is_tty && stream->fd[STREAM_OUT] >= 0)
		ioctl(stream->fd[STREAM_OUT], TIOCSWINSZ, &size);
}

static int open_fds(struct stream *stream, int *theirs, const char **what)
{
	/* By the types that have a process. */
	static const unsigned char channels[] = {
		[FRAME_RUN] = 1 << STREAM_IN | 1 << STREAM_OUT | 1 << STREAM_ERR,
		[FRAME_PUT] = 1 << STREAM_IN,
		[FRAME_GET] = 1 << STREAM_OUT,
		[FRAME_LOAD] = 1 << STREAM_IN,
		[FRAME_UNLOAD] = 0,
	};
	unsigned int i;
	int err;

	*what = "cannot open a pipe";
	err = open_pipe(stream, STREAM_REPORT, theirs);
	if (err < 0)
		return err;
	if (stream->is_tty) {
		*what = "cannot open a terminal";
		return open_tty(stream, theirs);
	}
	for (i = 0; i < STREAM_CHANNELS && !err; i++)
		if (channels[stream->type] & 1 << i)
			err = open_pipe(stream, i, theirs);
	return err;
}

static int begin(struct stream *stream, int *theirs, const char *data, u32 size,
		 const char **what)
{
	struct frame_run asked;
	pid_t pid;
	int err;

	if (stream->type == FRAME_RUN) {
		*what = "the command";
		err = frame_read_run(&asked, data, size);
		if (err < 0)
			return err;
		stream->is_tty = asked.flags & FRAME_RUN_TTY;
	}
	err = open_fds(stream, theirs, what);
	if (err < 0)
		return err;
	if (stream->is_tty)
		job_resize(stream, asked.rows, asked.columns);

	*what = "cannot start a process";
	pid = fork();
	if (!pid) {
		child(stream, theirs, data, size);
		_exit(0);
	}
	if (pid < 0)
		return -errno;
	stream->pid = pid;
	return 0;
}

int job_start(struct stream *stream, const char *data, u32 size,
	      const char **what)
{
	int theirs[STREAM_FDS] = { -1, -1, -1, -1 };
	unsigned int i;
	int err;

	err = begin(stream, theirs, data, size, what);
	for (i = 0; i < STREAM_FDS; i++) {
		/* With a terminal, the first three are the same. */
		if (stream->is_tty && (i == STREAM_OUT || i == STREAM_ERR))
			continue;
		if (theirs[i] >= 0)
			close(theirs[i]);
	}
	return err;
}
