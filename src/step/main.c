// SPDX-License-Identifier: GPL-2.0-only
/*
 * step - runs one step of a recipe
 *
 *	step [-v] [-s] RECIPE STEP STAMP TEXT
 *
 * bash runs TEXT; what it prints goes to STEP.log beside STAMP, and its end is
 * shown when it fails.  STAMP then holds TEXT, dated before TEXT ran.  The shell
 * and all that it starts are a process group of their own, which gets the
 * signals that end or stop step.
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
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

/* Never returns.  sigmask: the signals which the shell shall start with. */
static void exec_shell(const struct step *step, const sigset_t *sigmask)
{
	int null, log;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigprocmask(SIG_SETMASK, sigmask, NULL);

	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		_exit(127);

	if (!step->verbose) {
		log = open(step->log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
		if (log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
			_exit(127);
	}

	execlp("bash", "bash", step->verbose ? "-xeuo" : "-euo", "pipefail", "-c",
	       step->text, NULL);
	fprintf(stderr, "step: cannot start bash: %s\n", strerror(errno));
	_exit(127);
}

/*
 * Pass on what the terminal or make sends until the shell has ended.  Returns
 * its wait status and in *ret_signal the signal that shall end step, or 0.
 */
static int wait_for_shell(pid_t shell, const sigset_t *signals, int *ret_signal)
{
	int status, sig;

	for (;;) {
		sig = sigwaitinfo(signals, NULL);
		if (sig == SIGCHLD) {
			if (waitpid(shell, &status, WNOHANG) == shell)
				return status;
		} else if (sig == SIGTSTP) {
			kill(-shell, SIGSTOP);
			raise(SIGSTOP);
			kill(-shell, SIGCONT);
		} else if (sig > 0) {
			kill(-shell, sig);
			*ret_signal = sig;
		}
	}
}

/* What the shell left behind must not write on while the next step reads. */
static void end_group(pid_t group)
{
	kill(-group, SIGKILL);
	while (waitpid(-group, NULL, 0) > 0 || errno == EINTR)
		;
}

static int run_shell(const struct step *step, int *ret_signal)
{
	sigset_t signals, old;
	pid_t shell;
	int status;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGQUIT);
	sigaddset(&signals, SIGTSTP);
	sigprocmask(SIG_BLOCK, &signals, &old);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_CHILD_SUBREAPER, 1);

	shell = fork();
	if (shell < 0)
		return -errno;
	if (!shell)
		exec_shell(step, &old);
	setpgid(shell, shell);

	status = wait_for_shell(shell, &signals, ret_signal);
	end_group(shell);

	return status;
}

/* Print the last lines of the log. */
static void print_tail(const char *path)
{
	char *lines[TAIL_LINES] = { NULL };
	size_t sizes[TAIL_LINES] = { 0 };
	unsigned int n = 0, i;
	FILE *log = fopen(path, "re");

	if (!log)
		return;

	while (getline(&lines[n % TAIL_LINES], &sizes[n % TAIL_LINES], log) > 0)
		n++;
	for (i = n > TAIL_LINES ? n - TAIL_LINES : 0; i < n; i++)
		fputs(lines[i % TAIL_LINES], stderr);
	for (i = 0; i < TAIL_LINES; i++)
		free(lines[i]);
	fclose(log);
}

static void print_failure(const struct step *step, int status)
{
	if (!step->verbose)
		print_tail(step->log);

	fprintf(stderr, "%s: %s ", step->recipe, step->name);
	if (WIFSIGNALED(status))
		fprintf(stderr, "was ended by signal %d (%s)", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else
		fprintf(stderr, "failed with status %d", WEXITSTATUS(status));
	if (!step->verbose)
		fprintf(stderr, "; all it said is in %s", step->log);
	fputc('\n', stderr);
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
	fprintf(stderr, "step: cannot %s %s: %s\n", what, path, strerror(-err));
	return EXIT_FAILURE;
}

static int run_step(struct step *step)
{
	int err, status, sig = 0;

	err = set_paths(step);
	if (err)
		return fail("use", step->stamp, err);
	err = make_folder(step->dir);
	if (err)
		return fail("make", step->dir, err);
	err = write_new_stamp(step);
	if (err)
		return fail("write", step->new_stamp, err);

	if (!step->silent)
		printf("  %-10s %s\n", step->recipe, step->name);
	fflush(stdout);

	status = run_shell(step, &sig);
	if (status < 0)
		return fail("start", "a shell", status);
	if (sig)
		return end_by_signal(sig);
	if (status) {
		print_failure(step, status);
		return EXIT_FAILURE;
	}

	if (rename(step->new_stamp, step->stamp) < 0)
		return fail("write", step->stamp, -errno);

	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct step step = { NULL };
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
