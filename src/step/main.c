// SPDX-License-Identifier: GPL-2.0-only
/*
 * step - runs one step of a recipe, and knows which are to be run
 *
 *	step [-v] [-s] RECIPE STEP STAMP
 *	step stale LIST
 *
 * bash runs the script STAMP.next as STAMP.new; what it prints goes to STEP.log
 * beside STAMP, and its end is shown when it fails.  If it ends well, that file is
 * STAMP, dated before it ran.  STAMP.in and STAMP.out note what the files of
 * the script's lists were, see script.h.  A line on the terminal shows how far it is;
 * what it cost is kept in STAMP.cost for the next time.
 *
 * With stale, the stamps of LIST that are to be made again are printed; nothing is
 * written.  The status is 2 where LIST cannot be read, as it is for wrong arguments.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/str.h"
#include "step/line.h"
#include "step/notes.h"
#include "step/progress.h"
#include "step/script.h"
#include "step/shell.h"
#include "step/stale.h"

#define TAIL_LINES 20

struct step {
	const char *recipe;
	const char *name;
	const char *stamp;
	char *script; /* what new_stamp holds */
	struct script lists; /* of the script, if it has any */
	bool verbose; /* show the text and all it prints, keep no log */
	bool silent;
	char *dir; /* where all that follow are */
	char *next; /* the script, which make writes */
	char *new_stamp; /* the script while it runs */
	char *in; /* notes, as are those of out */
	char *out;
	char *log;
	char *cost;
};

static void set_paths(struct step *step)
{
	const char *slash = strrchr(step->stamp, '/');

	step->dir = str_printf("%.*s", slash ? (int)(slash - step->stamp) : 1,
			       slash ? step->stamp : ".");
	step->next = str_printf("%s.next", step->stamp);
	step->new_stamp = str_printf("%s.new", step->stamp);
	step->in = str_printf("%s.in", step->stamp);
	step->out = str_printf("%s.out", step->stamp);
	step->log = str_printf("%s/%s.log", step->dir, step->name);
	step->cost = str_printf("%s.cost", step->stamp);
}

static void free_paths(struct step *step)
{
	free(step->dir);
	free(step->next);
	free(step->new_stamp);
	free(step->in);
	free(step->out);
	free(step->log);
	free(step->cost);
	free(step->script);
	script_fini(&step->lists);
}

/*
 * Files are dated by a clock that ticks every few milliseconds.  Wait for its
 * next tick: an input that is edited from now on is newer than the file.
 */
static int wait_for_tick(const char *path)
{
	const struct timespec pause = { .tv_nsec = 500000 };
	struct timespec now;
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;

	do {
		nanosleep(&pause, NULL);
		if (clock_gettime(CLOCK_REALTIME_COARSE, &now) < 0)
			return -errno;
	} while (now.tv_sec == st.st_mtim.tv_sec &&
		 now.tv_nsec <= st.st_mtim.tv_nsec);

	return 0;
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
		fprintf(stderr, "; its output is in %s", step->log);
	fputc('\n', stderr);
	fflush(stderr);
}

/* make is told the truth: step was interrupted, the script did not fail. */
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

/* Run it, with the progress shown; returns 0 or -errno if it cannot start. */
static int run_script(const struct step *step, struct shell *shell)
{
	struct progress progress = {
		.recipe = step->recipe,
		.step = step->name,
		.path = step->cost,
		.again = !access(step->stamp, F_OK),
	};
	int err;

	shell->script = step->new_stamp;
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

/* Make room for what the script will make, and note what it is given. */
static int begin_step(struct step *step)
{
	char *missing = NULL, *top;
	int err;

	if (rename(step->next, step->new_stamp) < 0)
		return fail("rename", step->next, -errno);
	err = wait_for_tick(step->new_stamp);
	if (!err)
		err = file_read(&step->script, step->new_stamp);
	if (err)
		return fail("read", step->new_stamp, err);
	if (!script_parse(&step->lists, step->script))
		return 0;

	/* What was changed goes: makefiles that the script starts would keep it. */
	top = str_printf("%s/..", step->dir);
	err = notes_clean(step->out, step->lists.out, top);
	free(top);
	if (err)
		return fail("remove the notes in", step->out, err);
	err = notes_announce(step->out, step->lists.out);
	if (err)
		return fail("write", step->out, err);
	err = notes_write(step->in, step->lists.in, &missing);
	if (err)
		fail(missing ? "read" : "write", missing ? missing : step->in, err);
	free(missing);
	return err;
}

/* Note what the script has made. */
static int end_step(struct step *step)
{
	char *missing = NULL;
	int err;

	if (!step->lists.out)
		return 0;
	err = notes_write(step->out, step->lists.out, &missing);
	if (missing)
		fprintf(stderr, "%s: %s did not make %s\n", step->recipe, step->name, missing);
	else if (err)
		fail("write", step->out, err);
	free(missing);
	return err;
}

static int run_step(struct step *step)
{
	struct shell shell = {};
	int err;

	if (begin_step(step))
		return EXIT_FAILURE;
	shell.out = open_output(step);
	if (shell.out < 0)
		return fail("write", step->log, shell.out);

	err = run_script(step, &shell);
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
	if (end_step(step))
		return EXIT_FAILURE;

	if (rename(step->new_stamp, step->stamp) < 0)
		return fail("write", step->stamp, -errno);

	return EXIT_SUCCESS;
}

static int tell_stale(const char *path)
{
	char *list, *why = NULL;
	int err;

	err = file_read(&list, path);
	if (err)
		return fail("read", path, err);
	err = stale_print(stdout, list, &why);
	if (err)
		fprintf(stderr, "step: %s\n", why);
	free(why);
	free(list);
	return err == -EPROTO ? 2 : err ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct step step = {};
	int opt, status;

	while ((opt = getopt(argc, argv, "vs")) != -1) {
		if (opt == 'v')
			step.verbose = true;
		else if (opt == 's')
			step.silent = true;
		else
			goto usage;
	}
	argc -= optind;
	argv += optind;
	if (argc == 2 && !strcmp(argv[0], "stale"))
		return tell_stale(argv[1]);
	if (argc != 3)
		goto usage;

	step.recipe = argv[0];
	step.name = argv[1];
	step.stamp = argv[2];

	set_paths(&step);
	status = run_step(&step);
	free_paths(&step);
	return status;

usage:
	fputs("usage: step [-v] [-s] RECIPE STEP STAMP\n       step stale LIST\n", stderr);
	return 2;
}
