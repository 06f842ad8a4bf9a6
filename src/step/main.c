// SPDX-License-Identifier: GPL-2.0-only
/*
 * step - runs one step of a recipe
 *
 *	step [-v] [-s] RECIPE STEP STAMP TEXT
 *
 * bash runs TEXT; what it prints goes to STEP.log beside STAMP, and its end is
 * shown when it fails.  STAMP then holds TEXT, dated before TEXT ran.  A line on
 * the terminal shows how far it is; what it cost is kept in STAMP.cost for the
 * next time.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "line.h"
#include "progress.h"
#include "shell.h"

#define TAIL_LINES 20

struct step {
	const char *recipe;
	const char *name;
	const char *stamp;
	const char *text;
	bool verbose; /* show the text and all it prints, keep no log */
	bool silent;
	char dir[PATH_MAX];
	char new_stamp[PATH_MAX];
	char log[PATH_MAX];
	char cost[PATH_MAX];
};

static int print_path(char *path, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(path, PATH_MAX, format, args);
	va_end(args);

	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int set_paths(struct step *step)
{
	const char *slash = strrchr(step->stamp, '/');
	int err;

	err = print_path(step->dir, "%.*s",
			 slash ? (int)(slash - step->stamp) : 1,
			 slash ? step->stamp : ".");
	if (!err)
		err = print_path(step->new_stamp, "%s.new", step->stamp);
	if (!err)
		err = print_path(step->log, "%s/%s.log", step->dir, step->name);
	if (!err)
		err = print_path(step->cost, "%s.cost", step->stamp);

	return err;
}

/* Make a folder and those above it. */
static int make_folder(const char *path)
{
	char part[PATH_MAX];
	char *slash;
	int err;

	err = print_path(part, "%s", path);
	if (err)
		return err;

	for (slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0777) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}

	return mkdir(part, 0777) < 0 && errno != EEXIST ? -errno : 0;
}

/*
 * Files are dated by a clock that ticks every few milliseconds.  Wait for its
 * next tick: an input that is edited from now on is newer than the file.
 */
static int wait_for_tick(int fd)
{
	const struct timespec pause = { .tv_nsec = 500000 };
	struct timespec now;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;

	do {
		nanosleep(&pause, NULL);
		if (clock_gettime(CLOCK_REALTIME_COARSE, &now) < 0)
			return -errno;
	} while (now.tv_sec == st.st_mtim.tv_sec &&
		 now.tv_nsec <= st.st_mtim.tv_nsec);

	return 0;
}

static int write_new_stamp(const struct step *step)
{
	FILE *file = fopen(step->new_stamp, "we");
	int err = 0;

	if (!file)
		return -errno;

	if (fputs(step->text, file) < 0 || fflush(file))
		err = -errno;
	if (!err)
		err = wait_for_tick(fileno(file));
	if (fclose(file) && !err)
		err = -errno;

	return err;
}

/* Where the last lines of text begin. */
static const char *find_tail(const char *text, size_t size)
{
	const char *tail = text + size;
	unsigned int lines;

	/* The end of the last line is not the beginning of another. */
	if (size && tail[-1] == '\n')
		tail--;
	for (lines = 0; tail && lines < TAIL_LINES; lines++)
		tail = memrchr(text, '\n', tail - text);

	return tail ? tail + 1 : text;
}

/* Print the last lines of the log; lines of any length cost no memory. */
static void print_tail(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *text, *tail;
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) < 0 || !st.st_size)
		goto out_close_fd;
	text = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		goto out_close_fd;

	tail = find_tail(text, st.st_size);
	fwrite(tail, 1, text + st.st_size - tail, stderr);
	if (text[st.st_size - 1] != '\n')
		fputc('\n', stderr);
	munmap((void *)text, st.st_size);
out_close_fd:
	close(fd);
}

/* Why the step failed, in one sentence after the tail of the log. */
static void print_failure(const struct step *step, const struct shell *shell)
{
	static char buffer[64 * 1024];

	/* In one piece, into which no other step can draw its line. */
	setvbuf(stderr, buffer, _IOFBF, sizeof(buffer));
	fputs(step->silent ? "" : line_eraser(STDERR_FILENO), stderr);
	if (!step->verbose)
		print_tail(step->log);

	fprintf(stderr, "%s: %s ", step->recipe, step->name);
	if (shell->out_err)
		fprintf(stderr, "was ended: cannot write %s: %s",
			step->verbose ? "its output" : step->log, strerror(-shell->out_err));
	else if (WIFSIGNALED(shell->status))
		fprintf(stderr, "was ended by signal %d (%s)", WTERMSIG(shell->status),
			strsignal(WTERMSIG(shell->status)));
	else
		fprintf(stderr, "failed with status %d", WEXITSTATUS(shell->status));
	if (!step->verbose && !shell->out_err)
		fprintf(stderr, "; all it said is in %s", step->log);
	fputc('\n', stderr);
	fflush(stderr);
}

/* make is told the truth: step was interrupted, the text did not fail. */
static int end_by_signal(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);

	return EXIT_FAILURE;
}

static int fail(const char *what, const char *path, int err)
{
	fprintf(stderr, "%sstep: cannot %s %s: %s\n", line_eraser(STDERR_FILENO),
		what, path, strerror(-err));
	return EXIT_FAILURE;
}

/* Run the text, with the progress shown; returns 0 or -errno if it cannot start. */
static int run_text(const struct step *step, struct shell *shell)
{
	struct progress progress = {
		.recipe = step->recipe,
		.step = step->name,
		.path = step->cost,
		.again = !access(step->stamp, F_OK),
	};
	int err;

	shell->text = step->text;
	shell->trace = step->verbose;
	shell->progress = &progress;

	progress_begin(&progress, !step->verbose && !step->silent);
	if (!progress.shown && !step->silent)
		line_print(step->recipe, step->name, 0);
	err = shell_run(shell);
	progress_end(&progress, !err && !shell->status && !shell->signal && !shell->out_err);

	return err;
}

static int open_output(const struct step *step)
{
	int fd;

	if (step->verbose)
		return STDOUT_FILENO;
	fd = open(step->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return fd < 0 ? -errno : fd;
}

static int run_step(struct step *step)
{
	struct shell shell = {};
	int err;

	err = set_paths(step);
	if (err)
		return fail("use", step->stamp, err);
	err = make_folder(step->dir);
	if (err)
		return fail("make", step->dir, err);
	err = write_new_stamp(step);
	if (err)
		return fail("write", step->new_stamp, err);
	shell.out = open_output(step);
	if (shell.out < 0)
		return fail("write", step->log, shell.out);

	err = run_text(step, &shell);
	if (err)
		return fail("start", "a shell", err);
	if (close(shell.out) < 0 && !shell.out_err)
		shell.out_err = -errno;

	if (shell.signal)
		return end_by_signal(shell.signal);
	if (shell.status || shell.out_err) {
		print_failure(step, &shell);
		return EXIT_FAILURE;
	}

	if (rename(step->new_stamp, step->stamp) < 0)
		return fail("write", step->stamp, -errno);

	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct step step = {};
	int opt;

	while ((opt = getopt(argc, argv, "vs")) != -1) {
		if (opt == 'v')
			step.verbose = true;
		else if (opt == 's')
			step.silent = true;
		else
			goto usage;
	}
	if (argc - optind != 4)
		goto usage;

	step.recipe = argv[optind];
	step.name = argv[optind + 1];
	step.stamp = argv[optind + 2];
	step.text = argv[optind + 3];

	return run_step(&step);

usage:
	fputs("usage: step [-v] [-s] RECIPE STEP STAMP TEXT\n", stderr);
	return 2;
}
