// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask.h"
#include "client.h"
#include "control.h"
#include "end.h"
#include "file.h"
#include "macros.h"
#include "say.h"
#include "str.h"
#include "term.h"

/* How long a guest may take to restart before QEMU is ended. */
#define STOP_MS 5000

struct client {
	const struct client_options *options;
	struct loop loop;
	struct ask ask;
	struct tests tests;
	struct term term;
	struct loop_fd signals;
	struct loop_timer limit;
	sigset_t mask; /* as it was before */
	int sig; /* the signal that ended us; 0: none */
	bool is_raw;
	bool is_left; /* with Ctrl-A X */
	bool is_timed_out;
};

static void done(struct ask *ask)
{
	loop_stop(&container_of(ask, struct client, ask)->loop);
}

static void leave(struct ask *ask)
{
	struct client *client = container_of(ask, struct client, ask);

	client->is_left = true;
	loop_stop(&client->loop);
}

static void limit_passed(struct loop_timer *timer)
{
	struct client *client = container_of(timer, struct client, limit);

	client->is_timed_out = true;
	loop_stop(&client->loop);
}

static void signal_came(struct loop_fd *fd, u32 events)
{
	struct client *client = container_of(fd, struct client, signals);
	struct signalfd_siginfo info;
	u16 rows, columns;

	(void)events;
	if (read(fd->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo != SIGWINCH) {
		client->sig = info.ssi_signo;
		loop_stop(&client->loop);
	} else if (client->is_raw) {
		term_size(&rows, &columns);
		ask_resize(&client->ask, rows, columns);
	}
}

static int catch_signals(struct client *client)
{
	static const int caught[] = { SIGTERM, SIGHUP, SIGINT, SIGWINCH };
	sigset_t set;
	size_t i;
	int fd;

	sigemptyset(&set);
	for (i = 0; i < ARRAY_SIZE(caught); i++)
		sigaddset(&set, caught[i]);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	sigprocmask(SIG_BLOCK, &set, &client->mask);
	client->signals = (struct loop_fd){ .fd = fd, .ready = signal_came };
	return loop_want(&client->loop, &client->signals, EPOLLIN);
}

/* Returns a connected socket, or -errno after having said why. */
static int connect_to(const char *dir)
{
	char *work = str_printf("%s/vm", dir);
	int fd = work ? control_connect(work) : -ENOMEM;

	free(work);
	if (fd == -ENOENT || fd == -ECONNREFUSED)
		say("no machine runs in %s; `make start` starts one", dir);
	else if (fd < 0)
		say("%s/vm/control: %s", dir, strerror(-fd));
	return fd;
}

/* Connect; std as for ask_open().  Returns 0, or -errno after having said why. */
static int client_open(struct client *client,
		       const struct client_options *options, const int std[3])
{
	int fd, err;

	*client = (struct client){ .options = options };
	fd = connect_to(options->dir);
	if (fd < 0)
		return fd;

	client->ask.done = done;
	client->limit.fire = limit_passed;
	err = loop_init(&client->loop);
	if (!err)
		err = catch_signals(client);
	if (!err)
		err = ask_open(&client->ask, &client->loop, fd, std);
	if (err < 0)
		say("cannot talk to the machine: %s", strerror(-err));
	return err;
}

/* The keys are for the guest; returns false if there is no terminal. */
static bool take_terminal(struct client *client)
{
	if (!term_is_ours())
		return false;
	term_save(&client->term);
	term_raw(&client->term);
	client->ask.leave = leave;
	client->is_raw = true;
	return true;
}

static void client_wait(struct client *client)
{
	if (client->options->timeout)
		loop_timer_set(&client->loop, &client->limit,
			       client->options->timeout * 1000LL);
	loop_run(&client->loop);
}

/* Hang up; what was asked and not answered is given up. */
static void client_close(struct client *client)
{
	ask_close(&client->ask);
	loop_fini(&client->loop);
	term_restore(&client->term);
	if (!client->sig)
		return;
	signal(client->sig, SIG_DFL);
	raise(client->sig);
	sigprocmask(SIG_SETMASK, &client->mask, NULL);
}

static int exec_status(struct client *client)
{
	const struct ask *ask = &client->ask;

	if (ask->output[0].err == -EPIPE)
		client->sig = SIGPIPE;
	else if (client->is_timed_out)
		say("the time limit of %d s passed", client->options->timeout);
	else if (ask->has_answer && !ask->is_exit)
		say("%s", ask_why(ask));

	if (client->is_timed_out)
		return END_TIMED_OUT;
	if (client->is_left)
		return 0;
	if (ask->is_exit && !ask->status && client->tests.failed)
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
	struct client client;
	int err;

	/* A job in the background would be stopped for reading. */
	if (isatty(STDIN_FILENO) && !term_is_ours())
		std[0] = -1;
	if (client_open(&client, options, std) < 0)
		return status;
	if (isatty(STDOUT_FILENO) && take_terminal(&client))
		term_size(&rows, &columns);
	else
		client.ask.tests = &client.tests;

	err = ask_run(&client.ask, *words ? words : shell, rows, columns);
	if (err < 0) {
		say("cannot pass the command on: %s", strerror(-err));
	} else {
		client_wait(&client);
		status = exec_status(&client);
	}
	client_close(&client);
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
static int ask_path(struct client *client, u16 type, const void *head,
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
		err = ask_send(&client->ask, type, queue_first(&data),
			       queue_count(&data));
	queue_fini(&data);
	if (err < 0)
		say("%s: %s", path, strerror(-err));
	else
		client_wait(client);
	return err;
}

/* The status of a transfer; what went wrong is said. */
static int copy_status(const struct client *client, const char *what)
{
	if (client->is_timed_out) {
		say("%s: the time limit of %d s passed", what,
		    client->options->timeout);
		return END_TIMED_OUT;
	}
	if (!client->ask.has_answer)
		return EXIT_FAILURE;
	if (client->ask.err < 0)
		say("%s", ask_why(&client->ask));
	return client->ask.err < 0 ? EXIT_FAILURE : 0;
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
	struct client client = {};
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
	if (path && client_open(&client, options, std) < 0) {
		status = END_NOT_STARTED;
	} else if (path) {
		frame_put32(mode, st.st_mode & 0777);
		if (!ask_path(&client, FRAME_PUT, mode, sizeof(mode), path))
			status = copy_status(&client, path);
		client_close(&client);
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
	struct client client;
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
	if (client_open(&client, options, std) < 0) {
		unlink(temporary);
		status = END_NOT_STARTED;
		goto out_close;
	}
	if (!ask_path(&client, FRAME_GET, NULL, 0, file))
		status = copy_status(&client, file);
	if (!status)
		err = keep_file(std[1], temporary, path, client.ask.mode);
	if (err < 0) {
		say("%s: %s", path, strerror(-err));
		status = EXIT_FAILURE;
	}
	if (status)
		unlink(temporary);
	client_close(&client);
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
	struct client client;

	if (client_open(&client, options, std) < 0)
		return END_NOT_STARTED;
	if (!ask_path(&client, FRAME_GET, NULL, 0, file))
		status = copy_status(&client, file);
	if (client.ask.output[0].err == -EPIPE)
		client.sig = SIGPIPE;
	client_close(&client);
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
	struct client client = {};
	int status = EXIT_FAILURE;
	char *path = absolute(to);

	if (!path) {
		say("%s: %s", to, strerror(errno));
		return status;
	}
	if (client_open(&client, options, std) < 0) {
		status = END_NOT_STARTED;
	} else {
		if (!ask_send(&client.ask, FRAME_DUMP, path, strlen(path)))
			client_wait(&client);
		status = copy_status(&client, *path ? path : "vmcore");
	}
	client_close(&client);
	free(path);
	return status;
}

int client_stop(const struct client_options *options)
{
	const int std[] = { -1, -1, -1 };
	struct client client;
	char data[4];
	int err;

	err = client_open(&client, options, std);
	if (err < 0)
		return err == -ENOENT || err == -ECONNREFUSED ?
			0 : EXIT_FAILURE;

	frame_put32(data, STOP_MS);
	ask_send(&client.ask, FRAME_STOP, data, sizeof(data));
	client_wait(&client);
	client_close(&client);
	return client.is_timed_out ? END_TIMED_OUT : 0;
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
	struct client client;
	char text[4096];
	int pipefd[2];
	int std[] = { -1, -1, -1 };
	ssize_t n = 0;

	/* A pipe holds the answer until it is complete. */
	if (pipe2(pipefd, O_CLOEXEC | O_NONBLOCK) < 0)
		return EXIT_FAILURE;
	std[1] = pipefd[1];
	if (client_open(&client, options, std) < 0) {
		print_last(options->dir);
		return EXIT_FAILURE;
	}
	ask_send(&client.ask, FRAME_STATUS, NULL, 0);
	client_wait(&client);
	n = read(pipefd[0], text, sizeof(text));
	if (n > 0)
		print_object(text, n);
	else
		say("the machine does not answer");
	client_close(&client);
	return n > 0 && !fflush(stdout) ? 0 : EXIT_FAILURE;
}

int client_console(const struct client_options *options)
{
	int std[] = { STDIN_FILENO, STDOUT_FILENO, -1 };
	struct client client;

	if (isatty(STDIN_FILENO) && !term_is_ours())
		std[0] = -1;
	if (client_open(&client, options, std) < 0)
		return END_NOT_STARTED;
	take_terminal(&client);
	ask_send(&client.ask, FRAME_CONSOLE, NULL, 0);
	client_wait(&client);
	if (client.ask.output[0].err == -EPIPE)
		client.sig = SIGPIPE;
	client_close(&client);
	if (client.ask.has_answer && !client.is_left)
		say("the machine has ended");
	return client.is_timed_out ? END_TIMED_OUT : 0;
}
