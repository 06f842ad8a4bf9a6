// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "guest/fs.h"
#include "guest/job.h"
#include "guest/loader.h"
#include "guest/root.h"
#include "guest/settle.h"
#include "guest/text.h"
#include "guest/typist.h"
#include "guest/user.h"
#include "guest/work.h"
#include "lib/macros.h"

/* A wide pipe needs fewer context switches. */
#define PIPE_SIZE FRAME_WINDOW

/* The descriptor over which the process reports. */
#define REPORT 3

/* Words of the agent's own in a command's environment, at most */
#define OWN_WORDS 8

/* Used only in the started processes. */
static char **words;
static char **env;
static char path[PATH_MAX];

static bool job_same_name(const char *a, const char *b)
{
	size_t len = strcspn(a, "=");

	return len == strcspn(b, "=") && !strncmp(a, b, len);
}

/* Returns the word behind the last one. */
static char **job_split(char **to, const char *text, u32 count)
{
	while (count--) {
		*to++ = (char *)text;
		text += strlen(text) + 1;
	}
	return to;
}

/* Memory that nobody frees, for this process becomes another one; NULL: none left. */
static void *job_map(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

/* A terminal passes the words on as they are; cooked is what it was before. */
static struct termios cooked;

static void job_make_raw(int fd)
{
	struct termios raw;

	tcgetattr(fd, &cooked);
	raw = cooked;
	cfmakeraw(&raw);
	tcsetattr(fd, TCSANOW, &raw);
}

/* Read the words that are the first bytes of the input.  Returns 0 or -errno. */
static int job_read_words(struct frame_run *run)
{
	char *data = job_map(run->size);
	u32 count = 0;
	ssize_t n;

	if (!data)
		return -ENOMEM;
	while (count < run->size) {
		n = read(STDIN_FILENO, data + count, run->size - count);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			return -EBADMSG;
		if (n > 0)
			count += n;
	}
	return frame_read_words(run, data);
}

static int job_take_words(struct frame_run *run)
{
	size_t count = (size_t)run->argc + run->envc + OWN_WORDS + 2;
	int err = 0;

	if (run->flags & FRAME_RUN_LONG)
		err = job_read_words(run);
	if (run->flags & FRAME_RUN_LONG && run->flags & FRAME_RUN_TTY)
		tcsetattr(STDIN_FILENO, TCSANOW, &cooked);
	if (err < 0)
		return err;
	words = job_map(count * sizeof(*words));
	if (!words)
		return -ENOMEM;
	env = words + run->argc + 1;
	return 0;
}

static void job_make_env(const struct frame_run *run)
{
	const char *const *own = user_env(run->flags & FRAME_RUN_PERSON);
	char **end = job_split(env, run->env, run->envc);
	char **given;

	for (; *own; own++) {
		for (given = env; *given; given++)
			if (job_same_name(*given, *own))
				break;
		if (!*given)
			*end++ = (char *)*own;
	}
	environ = env;
}

/* Go where the command runs, as who runs it.  Returns 0, or -errno with what it is. */
static int job_enter(const struct frame_run *run, const char **what)
{
	bool is_persons = run->flags & FRAME_RUN_PERSON;
	bool is_there = !is_persons || user_has_host();
	struct text why = TEXT_IN(path);
	int err;

	*what = "the user";
	err = is_persons ? user_become() : 0;
	if (err < 0 || !is_there || !*run->cwd)
		return err < 0 || !chdir("/") ? err : -errno;
	if (!chdir(run->cwd))
		return 0;
	err = -errno;
	text_add(&why, run->cwd);
	if (err == -ENOENT && is_persons)
		text_add(&why, " (/tmp and /run are the guest's own)");
	*what = path;
	return err;
}

/* Become the command, or return why not. */
static int job_exec(struct frame_run *run, const char **what)
{
	struct text why = TEXT_IN(path);
	int err;

	*what = "the command";
	err = job_take_words(run);
	if (err < 0)
		return err;
	job_split(words, run->args, run->argc);
	err = job_enter(run, what);
	if (err < 0)
		return err;
	job_make_env(run);
	*what = words[0];
	execvp(words[0], words);
	err = -errno;
	if (err == -ENOENT)
		loader_explain(words[0], &why);
	if (why.size)
		*what = path;
	return err;
}

/* The time before the path of a PUT; false if there is no room for both. */
static bool job_take_time(struct timespec *ret, const char **data, u32 *size)
{
	if (*size <= 12)
		return false;
	ret->tv_sec = frame_get64(*data);
	ret->tv_nsec = frame_get32(*data + 8);
	*data += 12;
	*size -= 12;
	return true;
}

/* Do the work, in the process.  Returns 0 or -errno, with the reason in *what. */
static int job_work(u16 type, const char *data, u32 size, const char **what)
{
	struct frame_run asked;
	struct text text = TEXT_IN(path);
	struct timespec changed;
	bool is_timed = false;
	u32 number = 0;

	if (type == FRAME_RUN) {
		frame_read_run(&asked, data, size);
		return job_exec(&asked, what);
	}
	if (type == FRAME_TYPE)
		return typist_run(what);

	if (type == FRAME_PUT || type == FRAME_UNLOAD) {
		number = frame_get32(data);
		data += 4;
		size -= 4;
		is_timed = type == FRAME_PUT && number & FRAME_TIMED;
	}
	if (is_timed && !job_take_time(&changed, &data, &size))
		return -EINVAL;
	*what = path;
	text_add_bytes(&text, data, size);
	if (text.size < size)
		return -ENAMETOOLONG;
	if (strlen(path) < size)
		return -EINVAL;

	switch (type) {
	case FRAME_PUT:
		return work_put(path, number, is_timed ? &changed : NULL);
	case FRAME_GET:
		return work_get(path, REPORT);
	case FRAME_LOAD:
		*what = "the kernel rejects the module";
		return work_load(path);
	default:
		return work_unload(path, number);
	}
}

/* Move this stream's pipes to their numbers and close all other descriptors. */
static void job_take_places(int *theirs, bool is_tty)
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

static void job_report(int err, const char *what)
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

static void job_child(const struct stream *stream, int *theirs,
		      const char *data, u32 size)
{
	const char *what = "the root's init has not done its set-up";
	sigset_t none;
	int err = 0;

	setsid();
	/* The set-up may ask at the console. */
	if (stream->type != FRAME_TYPE)
		err = settle_wait();
	fs_protect(false);
	if (getppid() != 1)
		root_follow();
	fs_release();
	job_take_places(theirs, stream->is_tty);
	signal(SIGPIPE, SIG_DFL);
	work_prepare(stream->type);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);

	/* Whatever init does, the others are asked for. */
	if (stream->type != FRAME_SETTLE)
		err = job_work(stream->type, data, size, &what);
	if (err < 0)
		job_report(err, what);
}

static int job_open_pipe(struct stream *stream, unsigned int i, int *theirs)
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

/* We hold two descriptors of it, so that each channel can be closed alone. */
static int job_open_tty(struct stream *stream, int *theirs)
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

static int job_open_fds(struct stream *stream, int *theirs, const char **what)
{
	/* Indexed by the types that have a process. */
	static const unsigned char channels[] = {
		[FRAME_RUN] = 1 << STREAM_IN | 1 << STREAM_OUT | 1 << STREAM_ERR,
		[FRAME_PUT] = 1 << STREAM_IN,
		[FRAME_GET] = 1 << STREAM_OUT,
		[FRAME_LOAD] = 1 << STREAM_IN,
		[FRAME_UNLOAD] = 0,
		[FRAME_SETTLE] = 0,
		[FRAME_TYPE] = 1 << STREAM_IN,
	};
	unsigned int i;
	int err;

	*what = "cannot open a pipe";
	err = job_open_pipe(stream, STREAM_REPORT, theirs);
	if (err < 0)
		return err;
	if (stream->is_tty) {
		*what = "cannot open a terminal";
		return job_open_tty(stream, theirs);
	}
	for (i = 0; i < STREAM_CHANNELS && !err; i++)
		if (channels[stream->type] & 1 << i)
			err = job_open_pipe(stream, i, theirs);
	return err;
}

static int job_begin(struct stream *stream, int *theirs, const char *data,
		     u32 size, const char **what)
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
	err = job_open_fds(stream, theirs, what);
	if (err < 0)
		return err;
	if (stream->is_tty)
		job_resize(stream, asked.rows, asked.columns);
	if (stream->is_tty && asked.flags & FRAME_RUN_LONG)
		job_make_raw(theirs[STREAM_IN]);

	*what = "cannot start a process";
	pid = fork();
	if (!pid) {
		job_child(stream, theirs, data, size);
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

	err = job_begin(stream, theirs, data, size, what);
	for (i = 0; i < STREAM_FDS; i++) {
		/* With a terminal the first three are one descriptor. */
		if (stream->is_tty && (i == STREAM_OUT || i == STREAM_ERR))
			continue;
		if (theirs[i] >= 0)
			close(theirs[i]);
	}
	return err;
}
