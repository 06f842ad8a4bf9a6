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

#include "call.h"
#include "client.h"
#include "end.h"
#include "file.h"
#include "say.h"
#include "str.h"
#include "term.h"

/* How long a guest may take to restart before QEMU is ended. */
#define STOP_MS 5000

static int exec_status(struct call *call)
{
	const struct ask *ask = &call->ask;

	if (ask->output[0].err == -EPIPE)
		call->sig = SIGPIPE;
	else if (call->is_timed_out)
		say("the time limit of %d s passed", call->timeout);
	else if (ask->has_answer && !ask->is_exit)
		say("%s", ask_why(ask));

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
	/* As shells say it. */
	return ask->err == -ENOENT ? 127 : 126;
}

int client_exec(const struct client_options *options, char **words)
{
	static char *const shell[] = { "/bin/sh", "-l", NULL };
	int std[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };
	int status = END_NOT_STARTED;
	u16 rows = 0, columns = 0;
	struct call call;
	int err;

	/* A job in the background would be stopped for reading. */
	if (isatty(STDIN_FILENO) && !term_is_ours())
		std[0] = -1;
	if (call_open(&call, options->dir, options->timeout, std) < 0)
		return status;
	if (isatty(STDOUT_FILENO) && call_take_terminal(&call))
		term_size(&rows, &columns);
	else
		call.ask.tests = &call.tests;

	err = ask_run(&call.ask, *words ? words : shell, rows, columns);
	if (err < 0) {
		say("cannot pass the command on: %s", strerror(-err));
	} else {
		call_wait(&call);
		status = exec_status(&call);
	}
	call_close(&call);
	return status;
}

/* Where a file goes: `to` itself, or below it if it ends in a slash. */
static char *target(const char *to, const char *file)
{
	char *copy = strdup(file);
	size_t len = strlen(to);
	char *path = NULL;

	if (copy)
		path = len && to[len - 1] == '/' ?
			str_printf("%s%s", to, basename(copy)) : strdup(to);
	free(copy);
	return path;
}

/* Ask with a path behind `head`, and wait. */
static int ask_path(struct call *call, u16 type, const void *head,
		    size_t size, const char *path)
{
	struct queue data = {};
	int err;

	err = queue_add(&data, head, size);
	if (!err)
		err = queue_add(&data, path, strlen(path));
	if (!err && queue_count(&data) > FRAME_MAX)
		err = -ENAMETOOLONG;
	if (!err)
		err = ask_send(&call->ask, type, queue_first(&data),
			       queue_count(&data));
	queue_fini(&data);
	if (err < 0)
		say("%s: %s", path, strerror(-err));
	else
		call_wait(call);
	return err;
}

/* The status of a transfer; what went wrong is said. */
static int copy_status(const struct call *call, const char *what)
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

static int open_source(const char *file, struct stat *st)
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

int client_put(const struct client_options *options, const char *file,
	       const char *to)
{
	int std[] = { -1, -1, -1 };
	struct call call = {};
	int status = EXIT_FAILURE;
	struct stat st;
	char mode[4];
	char *path;

	std[0] = open_source(file, &st);
	if (std[0] < 0) {
		say("%s: %s", file, strerror(-std[0]));
		return status;
	}
	path = target(to ? to : "/root/", file);
	if (path && call_open(&call, options->dir, options->timeout, std) < 0) {
		status = END_NOT_STARTED;
	} else if (path) {
		frame_put32(mode, st.st_mode & 0777);
		if (!ask_path(&call, FRAME_PUT, mode, sizeof(mode), path))
			status = copy_status(&call, path);
		call_close(&call);
	}
	free(path);
	return status;
}

/* Make what came the file at path, with the guest's permissions. */
static int keep_file(int fd, const char *temporary, const char *path, u32 mode)
{
	mode_t mask = umask(0);

	umask(mask);
	if (fchmod(fd, mode & 0777 & ~mask) < 0 || rename(temporary, path) < 0)
		return -errno;
	return 0;
}

static int get_to(const struct client_options *options, const char *file,
		  const char *path)
{
	char *temporary = str_printf("%s.XXXXXX", path);
	int std[] = { -1, -1, -1 };
	int status = EXIT_FAILURE;
	struct call call;
	int err = -ENOMEM;

	if (temporary) {
		std[1] = mkostemp(temporary, O_CLOEXEC);
		err = std[1] < 0 ? -errno : 0;
	}
	if (err < 0) {
		say("%s: %s", path, strerror(-err));
		free(temporary);
		return status;
	}
	if (call_open(&call, options->dir, options->timeout, std) < 0) {
		unlink(temporary);
		status = END_NOT_STARTED;
		goto out_close;
	}
	if (!ask_path(&call, FRAME_GET, NULL, 0, file))
		status = copy_status(&call, file);
	if (!status)
		err = keep_file(std[1], temporary, path, call.ask.mode);
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
	return status;
}

static int get_to_output(const struct client_options *options,
			 const char *file)
{
	const int std[] = { -1, STDOUT_FILENO, -1 };
	int status = EXIT_FAILURE;
	struct call call;

	if (call_open(&call, options->dir, options->timeout, std) < 0)
		return END_NOT_STARTED;
	if (!ask_path(&call, FRAME_GET, NULL, 0, file))
		status = copy_status(&call, file);
	if (call.ask.output[0].err == -EPIPE)
		call.sig = SIGPIPE;
	call_close(&call);
	return status;
}

int client_get(const struct client_options *options, const char *file,
	       const char *to)
{
	int status = EXIT_FAILURE;
	struct stat st;
	char *folder, *path;

	if (to && !strcmp(to, "-"))
		return get_to_output(options, file);

	folder = str_printf("%s/", to ? to : ".");
	if (folder && !stat(folder, &st))
		path = target(folder, file);
	else
		path = target(to, file);
	if (path)
		status = get_to(options, file, path);
	free(path);
	free(folder);
	return status;
}

/* The machine's supervisor works elsewhere. */
static char *absolute(const char *path)
{
	char *here, *all;

	if (!path || *path == '/')
		return strdup(path ? path : "");
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
	char *path = absolute(to);

	if (!path) {
		say("%s: %s", to, strerror(errno));
		return status;
	}
	if (call_open(&call, options->dir, options->timeout, std) < 0) {
		status = END_NOT_STARTED;
	} else {
		if (!ask_send(&call.ask, FRAME_DUMP, path, strlen(path)))
			call_wait(&call);
		status = copy_status(&call, *path ? path : "vmcore");
		call_close(&call);
	}
	free(path);
	return status;
}

/* The answer goes to a pipe that holds all of it; the caller's to free, or NULL. */
static char *ask_monitor(struct call *call, const struct client_options *options,
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
	if (call_open(call, options->dir, options->timeout, std) < 0) {
		*status = END_NOT_STARTED;
		goto out_close;
	}
	if (!ask_send(&call->ask, FRAME_MONITOR, command, strlen(command)))
		call_wait(call);
	*status = copy_status(call, command);
	text = *status ? NULL : calloc(1, FRAME_MAX + 1);
	n = text ? read(pipefd[0], text, FRAME_MAX) : 0;
	if (n < 0 && errno != EAGAIN)
		*status = EXIT_FAILURE;
	call_close(call);
out_close:
	close(pipefd[0]);
	close(pipefd[1]);
	return text;
}

/* The monitor has no status, but words. */
static bool is_refused(const char *text)
{
	return !strncmp(text, "Error", 5) || !strncmp(text, "unknown", 7) ||
	       !strncmp(text, "Try \"help", 9);
}

int client_monitor(const struct client_options *options, const char *command)
{
	struct call call = {};
	int status;
	char *text;

	text = ask_monitor(&call, options, command, &status);
	if (text) {
		fputs(text, stdout);
		if (fflush(stdout) || is_refused(text))
			status = EXIT_FAILURE;
	}
	free(text);
	return status;
}

int client_screenshot(const struct client_options *options, const char *to)
{
	struct call call = {};
	int status = EXIT_FAILURE;
	char *path = absolute(to ? to : "screenshot.png");
	char *command = NULL;
	char *text = NULL;

	if (path)
		command = str_printf("screendump \"%s\" -f %s", path,
				     strstr(path, ".ppm") ? "ppm" : "png");
	if (command)
		text = ask_monitor(&call, options, command, &status);
	if (text && *text) {
		say("QEMU writes no picture: %.*s",
		    (int)strcspn(text, "\r\n"), text);
		status = EXIT_FAILURE;
	}
	free(text);
	free(command);
	free(path);
	return status;
}

int client_stop(const struct client_options *options)
{
	const int std[] = { -1, -1, -1 };
	struct call call;
	char data[4];
	int err;

	err = call_open(&call, options->dir, options->timeout, std);
	if (err < 0)
		return err == -ENOENT || err == -ECONNREFUSED ?
			0 : EXIT_FAILURE;

	frame_put32(data, STOP_MS);
	ask_send(&call.ask, FRAME_STOP, data, sizeof(data));
	call_wait(&call);
	call_close(&call);
	return call.is_timed_out ? END_TIMED_OUT : 0;
}

/* A line of a JSON object's values, as a person reads it. */
static void print_member(const char *key, json_t *value)
{
	if (json_is_string(value))
		printf("%-14s %s\n", key, json_string_value(value));
	else if (json_is_integer(value))
		printf("%-14s %" JSON_INTEGER_FORMAT "\n", key,
		       json_integer_value(value));
	else if (json_is_real(value))
		printf("%-14s %.3f\n", key, json_real_value(value));
}

static void print_object(const char *text, size_t size)
{
	json_t *json = json_loadb(text, size, 0, NULL);
	const char *key;
	json_t *value;

	json_object_foreach(json, key, value)
		print_member(key, value);
	json_decref(json);
}

/* How the last machine ended. */
static void print_last(const char *dir)
{
	char *path = str_printf("%s/vm/last/result.json", dir);
	char *text;

	if (path && !file_read(&text, path)) {
		puts("the last one:");
		print_object(text, strlen(text));
		free(text);
	}
	free(path);
}

int client_status(const struct client_options *options)
{
	struct call call;
	char text[4096];
	int pipefd[2];
	int std[] = { -1, -1, -1 };
	ssize_t n = 0;

	/* A pipe holds the answer until it is complete. */
	if (pipe2(pipefd, O_CLOEXEC | O_NONBLOCK) < 0)
		return EXIT_FAILURE;
	std[1] = pipefd[1];
	if (call_open(&call, options->dir, options->timeout, std) < 0) {
		print_last(options->dir);
		return EXIT_FAILURE;
	}
	ask_send(&call.ask, FRAME_STATUS, NULL, 0);
	call_wait(&call);
	n = read(pipefd[0], text, sizeof(text));
	if (n > 0)
		print_object(text, n);
	else
		say("the machine does not answer");
	call_close(&call);
	return n > 0 && !fflush(stdout) ? 0 : EXIT_FAILURE;
}

int client_console(const struct client_options *options)
{
	int std[] = { STDIN_FILENO, STDOUT_FILENO, -1 };
	struct call call;

	if (isatty(STDIN_FILENO) && !term_is_ours())
		std[0] = -1;
	if (call_open(&call, options->dir, options->timeout, std) < 0)
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
