// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/client/call.h"
#include "vm/client/client.h"
#include "vm/client/folder.h"
#include "vm/exit.h"
#include "vm/link/control.h"
#include "vm/say.h"
#include "vm/term.h"

/* How long a guest may take to restart before QEMU is ended. */
#define STOP_MS 5000

static void client_say_why(const struct ask *ask, char *const *words)
{
	char *advice = ask_advice(ask, words);

	say("%s", ask_why(ask));
	if (advice)
		say("%s", advice);
	free(advice);
}

static int client_exec_status(struct call *call, char *const *words)
{
	const struct ask *ask = &call->ask;

	if (ask->output[0].err == -EPIPE)
		call->sig = SIGPIPE;
	else if (call->is_timed_out)
		say("the time limit of %d s passed", call->timeout);
	else if (ask->output[0].err < 0)
		say("standard output: %s", strerror(-ask->output[0].err));
	else if (ask->has_answer && !ask->is_exit)
		client_say_why(ask, words);

	if (call->is_timed_out)
		return END_TIMED_OUT;
	if (call->is_left)
		return 0;
	if (ask->is_exit && !ask->status && call->tests.failed)
		return END_TESTS_FAILED;
	if (ask->is_exit)
		return ask->status;
	if (ask->output[0].err)
		return EXIT_FAILURE;
	if (ask_is_lost(ask))
		return END_VANISHED;
	/* The same status as a shell's. */
	return ask->err == -ENOENT ? 127 : 126;
}

int client_exec(const struct client_options *options, char **words)
{
	static char *const shell[] = {
		"/bin/sh", "-c", "exec \"${SHELL:-/bin/sh}\" -l", NULL
	};
	int std[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };
	int status = END_NOT_STARTED;
	u16 rows = 0, columns = 0;
	struct call call;
	int err;

	/* Reading the terminal would stop a background job. */
	if (isatty(STDIN_FILENO) && !term_is_ours())
		std[0] = -1;
	if (call_open(&call, options, std) < 0)
		return status;
	if (isatty(STDOUT_FILENO) && call_take_terminal(&call))
		term_size(&rows, &columns);
	else
		call.ask.tests = &call.tests;

	err = ask_run(&call.ask, *words ? words : shell, true, rows,
		      columns);
	if (err < 0) {
		say("cannot send the command: %s", strerror(-err));
	} else {
		call_wait(&call);
		status = client_exec_status(&call, words);
	}
	call_close(&call);
	return status;
}

/* The path of the copy: `to`, or a file in it if it ends in a slash. */
static char *client_target(const char *to, const char *file)
{
	size_t len = strlen(to);
	char *copy, *path;

	if (!len || to[len - 1] != '/')
		return xstrdup(to);
	copy = xstrdup(file);
	path = str_printf("%s%s", to, basename(copy));
	free(copy);
	return path;
}

/* Send a request of `head` and a path, and wait. */
static int client_ask_path(struct call *call, u16 type, const void *head,
			   size_t size, const char *path)
{
	struct queue data = {};
	int err;

	queue_add(&data, head, size);
	queue_add(&data, path, strlen(path));
	err = queue_count(&data) > FRAME_MAX ? -ENAMETOOLONG :
		ask_send(&call->ask, type, queue_first(&data),
			 queue_count(&data));
	queue_fini(&data);
	if (err < 0)
		say("%s: %s", path, strerror(-err));
	else
		call_wait(call);
	return err;
}

/* The exit status of a transfer; prints what went wrong. */
static int client_copy_status(const struct call *call, const char *what)
{
	if (call->is_timed_out) {
		say("%s: the time limit of %d s passed", what,
		    call->timeout);
		return END_TIMED_OUT;
	}
	if (!call->ask.has_answer)
		return EXIT_FAILURE;
	if (call->ask.err < 0)
		say("%s", ask_why(&call->ask));
	return call->ask.err < 0 ? EXIT_FAILURE : 0;
}

static int client_open_source(const char *file, struct stat *st)
{
	int fd = STDIN_FILENO;

	if (!strcmp(file, "-")) {
		*st = (struct stat){ .st_mode = 0644 };
		return fd;
	}
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, st) < 0)
		return -errno;
	if (!S_ISDIR(st->st_mode))
		return fd;
	close(fd);
	return -EISDIR;
}

/* The mode and, if there is one, the time; returns the size. */
static size_t client_put_head(void *to, const struct stat *st)
{
	u32 mode = st->st_mode & 0777;

	if (!st->st_nlink) {
		frame_put32(to, mode);
		return 4;
	}
	to = frame_put64(frame_put32(to, mode | FRAME_TIMED), st->st_mtim.tv_sec);
	frame_put32(to, st->st_mtim.tv_nsec);
	return 16;
}

/* make passes on what FILE= names, which may be nothing. */
static bool client_is_named(const char *file, const char *what)
{
	if (!*file)
		say("no file is named: make %s FILE=path, or vm %s path", what,
		    what);
	return *file;
}

int client_put(const struct client_options *options, const char *file,
	       const char *to)
{
	int std[] = { -1, -1, -1 };
	struct call call = {};
	int status = EXIT_FAILURE;
	struct stat st;
	char head[16];
	size_t size;
	char *path;

	if (!client_is_named(file, "put"))
		return status;
	path = client_target(to ? to : "/root/", file);
	std[0] = client_open_source(file, &st);
	if (std[0] == -EISDIR) {
		status = folder_put(options, file, path);
		goto out_free;
	}
	if (std[0] < 0) {
		say("%s: %s", file, strerror(-std[0]));
		goto out_free;
	}
	if (call_open(&call, options, std) < 0) {
		status = END_NOT_STARTED;
	} else {
		size = client_put_head(head, &st);
		if (!client_ask_path(&call, FRAME_PUT, head, size, path))
			status = client_copy_status(&call, path);
		call_close(&call);
	}
out_free:
	free(path);
	return status;
}

/* Rename the finished file to path and give it the guest's permissions and time. */
static int client_keep_file(int fd, const char *temporary, const char *path,
			    const struct ask *ask)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, ask->changed };
	mode_t mask = umask(0);

	umask(mask);
	if (fchmod(fd, ask->mode & 0777 & ~mask) < 0)
		return -errno;
	/* The guest may name any time; one that cannot be is not kept. */
	futimens(fd, times);
	if (rename(temporary, path) < 0)
		return -errno;
	return 0;
}

static int client_get_to(const struct client_options *options, const char *file,
			 const char *path)
{
	char *temporary = str_printf("%s.XXXXXX", path);
	int std[] = { -1, -1, -1 };
	int status = EXIT_FAILURE;
	bool is_folder = false;
	struct call call;
	int err = 0;

	std[1] = mkostemp(temporary, O_CLOEXEC);
	if (std[1] < 0) {
		say("%s: %s", path, strerror(errno));
		free(temporary);
		return status;
	}
	if (call_open(&call, options, std) < 0) {
		unlink(temporary);
		status = END_NOT_STARTED;
		goto out_close;
	}
	if (client_ask_path(&call, FRAME_GET, NULL, 0, file) < 0)
		status = EXIT_FAILURE;
	else if (call.ask.has_answer && call.ask.err == -EISDIR)
		is_folder = true;
	else
		status = client_copy_status(&call, file);
	if (!status)
		err = client_keep_file(std[1], temporary, path, &call.ask);
	if (err < 0) {
		say("%s: %s", path, strerror(-err));
		status = EXIT_FAILURE;
	}
	if (status)
		unlink(temporary);
	call_close(&call);
out_close:
	close(std[1]);
	free(temporary);
	return is_folder ? folder_get(options, file, path) : status;
}

static int client_get_to_output(const struct client_options *options,
				const char *file)
{
	const int std[] = { -1, STDOUT_FILENO, -1 };
	int status = EXIT_FAILURE;
	struct call call;

	if (call_open(&call, options, std) < 0)
		return END_NOT_STARTED;
	if (!client_ask_path(&call, FRAME_GET, NULL, 0, file))
		status = client_copy_status(&call, file);
	if (call.ask.output[0].err == -EPIPE)
		call.sig = SIGPIPE;
	call_close(&call);
	return status;
}

int client_get(const struct client_options *options, const char *file,
	       const char *to)
{
	struct stat st;
	char *folder, *path;
	int status;

	if (!client_is_named(file, "get"))
		return EXIT_FAILURE;
	if (to && !strcmp(to, "-"))
		return client_get_to_output(options, file);

	folder = str_printf("%s/", to ? to : ".");
	path = client_target(stat(folder, &st) ? to : folder, file);
	status = client_get_to(options, file, path);
	free(path);
	free(folder);
	return status;
}

/* The supervisor has another working directory. */
static char *client_absolute(const char *path)
{
	char *here, *all;

	if (!path || *path == '/')
		return xstrdup(path ? path : "");
	here = getcwd(NULL, 0);
	all = here ? str_printf("%s/%s", here, path) : NULL;
	free(here);
	return all;
}

int client_dump(const struct client_options *options, const char *to)
{
	const int std[] = { -1, -1, -1 };
	struct call call = {};
	int status = EXIT_FAILURE;
	char *path = client_absolute(to);

	if (!path) {
		say("%s: %s", to, strerror(errno));
		return status;
	}
	if (call_open(&call, options, std) < 0) {
		status = END_NOT_STARTED;
	} else {
		if (!ask_send(&call.ask, FRAME_DUMP, path, strlen(path)))
			call_wait(&call);
		status = client_copy_status(&call, *path ? path : "vmcore");
		call_close(&call);
	}
	free(path);
	return status;
}

/* The monitor's answer, which the caller frees, or NULL; a pipe can hold it all. */
static char *client_ask_monitor(struct call *call,
				const struct client_options *options,
				const char *command, int *status)
{
	int std[] = { -1, -1, -1 };
	char *text = NULL;
	int pipefd[2];
	ssize_t n;

	*status = EXIT_FAILURE;
	if (pipe2(pipefd, O_CLOEXEC | O_NONBLOCK) < 0) {
		say("%s", strerror(errno));
		return NULL;
	}
	fcntl(pipefd[1], F_SETPIPE_SZ, 2 * FRAME_MAX);
	std[1] = pipefd[1];
	if (call_open(call, options, std) < 0) {
		*status = END_NOT_STARTED;
		goto out_close;
	}
	if (!ask_send(&call->ask, FRAME_MONITOR, command, strlen(command)))
		call_wait(call);
	*status = client_copy_status(call, command);
	text = *status ? NULL : xcalloc(1, FRAME_MAX + 1);
	n = text ? read(pipefd[0], text, FRAME_MAX) : 0;
	if (n < 0 && errno != EAGAIN)
		*status = EXIT_FAILURE;
	call_close(call);
out_close:
	close(pipefd[0]);
	close(pipefd[1]);
	return text;
}

/* Returns 0, or -errno after printing why what was printed is lost. */
static int client_flush(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	say("standard output: %s", strerror(errno));
	return -EIO;
}

/* The monitor gives no status: tell by its words. */
static bool client_is_refused(const char *text)
{
	return !strncmp(text, "Error", 5) || !strncmp(text, "unknown", 7) ||
	       !strncmp(text, "Try \"help", 9);
}

int client_monitor(const struct client_options *options, const char *command)
{
	struct call call = {};
	int status;
	char *text;

	text = client_ask_monitor(&call, options, command, &status);
	if (text) {
		fputs(text, stdout);
		if (client_flush() || client_is_refused(text))
			status = EXIT_FAILURE;
	}
	free(text);
	return status;
}

int client_screenshot(const struct client_options *options, const char *to)
{
	struct call call = {};
	int status = EXIT_FAILURE;
	char *path = client_absolute(to ? to : "screenshot.png");
	char *command, *text;

	if (!path) {
		say("%s", strerror(errno));
		return status;
	}
	command = str_printf("screendump \"%s\" -f %s", path,
			     strstr(path, ".ppm") ? "ppm" : "png");
	text = client_ask_monitor(&call, options, command, &status);
	if (text && *text) {
		say("QEMU wrote no screenshot: %.*s",
		    (int)strcspn(text, "\r\n"), text);
		status = EXIT_FAILURE;
	}
	free(text);
	free(command);
	free(path);
	return status;
}

/* Does call_open() return this if no machine runs? */
static bool client_is_none(int err)
{
	return err == -ENOENT || err == -ECONNREFUSED;
}

int client_stop(const struct client_options *options)
{
	const int std[] = { -1, -1, -1 };
	struct call call;
	char data[4];
	int err;

	err = call_open(&call, options, std);
	if (err < 0)
		return client_is_none(err) ? 0 : EXIT_FAILURE;

	frame_put32(data, STOP_MS);
	ask_send(&call.ask, FRAME_STOP, data, sizeof(data));
	call_wait(&call);
	call_close(&call);
	return call.is_timed_out ? END_TIMED_OUT : 0;
}

/* Print a member of a JSON object as a line for people. */
static void client_print_member(const char *key, json_t *value)
{
	if (json_is_string(value))
		printf("%-14s %s\n", key, json_string_value(value));
	else if (json_is_integer(value))
		printf("%-14s %" JSON_INTEGER_FORMAT "\n", key,
		       json_integer_value(value));
	else if (json_is_real(value))
		printf("%-14s %.3f\n", key, json_real_value(value));
}

static void client_print_object(const char *text, size_t size)
{
	json_t *json = json_loadb(text, size, 0, NULL);
	const char *key;
	json_t *value;

	json_object_foreach(json, key, value) client_print_member(key, value);
	json_decref(json);
}

/* Print how the last machine ended. */
static void client_print_last(const struct client_options *options)
{
	char *work = call_work(options);
	char *path = str_printf("%s/last/result.json", work);
	char *folder, *text;

	if (!file_read(&text, path)) {
		puts("the last one:");
		client_print_object(text, strlen(text));
		free(text);
	} else {
		*strrchr(path, '/') = '\0';
		folder = realpath(path, NULL);
		if (folder)
			printf("the last one has no result yet: %s\n", folder);
		free(folder);
	}
	free(path);
	free(work);
}

int client_status(const struct client_options *options)
{
	struct call call;
	char text[4096];
	int pipefd[2];
	int std[] = { -1, -1, -1 };
	ssize_t n = 0;
	int err;

	/* The answer fits into a pipe. */
	if (pipe2(pipefd, O_CLOEXEC | O_NONBLOCK) < 0)
		return EXIT_FAILURE;
	std[1] = pipefd[1];
	err = call_open(&call, options, std);
	if (err < 0) {
		client_print_last(options);
		return client_is_none(err) && !client_flush() ? 0 : EXIT_FAILURE;
	}
	ask_send(&call.ask, FRAME_STATUS, NULL, 0);
	call_wait(&call);
	n = read(pipefd[0], text, sizeof(text));
	if (n > 0)
		client_print_object(text, n);
	else
		say("the machine does not answer");
	call_close(&call);
	return n > 0 && !client_flush() ? 0 : EXIT_FAILURE;
}

bool client_is_up(const struct client_options *options)
{
	int fd = call_connect(options);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

int client_console(const struct client_options *options)
{
	int std[] = { STDIN_FILENO, STDOUT_FILENO, -1 };
	struct call call;

	if (isatty(STDIN_FILENO) && !term_is_ours())
		std[0] = -1;
	if (call_open(&call, options, std) < 0)
		return END_NOT_STARTED;
	call_take_terminal(&call);
	ask_send(&call.ask, FRAME_CONSOLE, NULL, 0);
	call_wait(&call);
	if (call.ask.output[0].err == -EPIPE)
		call.sig = SIGPIPE;
	call_close(&call);
	if (call.ask.has_answer && !call.is_left)
		say("the machine has ended");
	return call.is_timed_out ? END_TIMED_OUT : 0;
}
