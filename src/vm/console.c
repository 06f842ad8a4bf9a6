// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console.h"
#include "fd.h"
#include "macros.h"

#define READ_SIZE 65536
#define KEYS_MAX 65536

/* QEMU writes single bytes: to wake up for each costs 0.1 s of a boot. */
#define PAUSE_MS 2

/* Returns 0 or -errno. */
static int write_all(int fd, const char *bytes, size_t count)
{
	ssize_t n;

	for (; count; bytes += n, count -= n) {
		n = write(fd, bytes, count);
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0)
			return -errno;
	}
	return 0;
}

static void log_bytes(struct console *console, const char *bytes, size_t count)
{
	if (console->log < 0)
		return;
	console->log_err = write_all(console->log, bytes, count);
	console->logged += count;
	if (console->log_err < 0) {
		close(console->log);
		console->log = -1;
	}
}

static void remember(struct console *console, const char *bytes, size_t count)
{
	size_t n;

	for (; count; bytes += n, count -= n) {
		n = CONSOLE_LAST - console->at;
		if (n > count)
			n = count;
		memcpy(console->last + console->at, bytes, n);
		console->at = (console->at + n) % CONSOLE_LAST;
	}
}

static void take(struct console *console, const char *bytes, size_t count)
{
	struct console_ear *ear = console->ears, *next;
	size_t first = count;

	if (first > CONSOLE_FIRST - console->logged)
		first = CONSOLE_FIRST - console->logged;
	log_bytes(console, bytes, first);
	remember(console, bytes, count);
	console->count += count;
	for (; ear; ear = next) {
		next = ear->next;
		ear->hear(ear, bytes, count);
	}
}

static ssize_t receive(struct console *console)
{
	char bytes[READ_SIZE];
	ssize_t n = fd_read(console->fd.fd, bytes, sizeof(bytes));

	if (n > 0)
		take(console, bytes, n);
	return n;
}

static void tell_keys_read(struct console *console)
{
	struct console_ear *ear;

	for (ear = console->ears; ear; ear = ear->next)
		if (ear->keys_read)
			ear->keys_read(ear);
}

static void transmit(struct console *console)
{
	ssize_t n = queue_write(&console->keys, console->keyboard.fd, KEYS_MAX);

	if (n < 0 && n != -EAGAIN)
		queue_drop(&console->keys, queue_count(&console->keys));
	loop_want(console->loop, &console->keyboard,
		  queue_count(&console->keys) ? EPOLLOUT : 0);
}

static void keyboard_ready(struct loop_fd *fd, u32 events)
{
	struct console *console = container_of(fd, struct console, keyboard);

	(void)events;
	transmit(console);
	if (!queue_count(&console->keys))
		tell_keys_read(console);
}

static void want(struct console *console)
{
	bool wants = !console->is_held && !console->has_ended &&
		     !console->pause.is_set;

	loop_want(console->loop, &console->fd, wants ? EPOLLIN : 0);
}

static void pause_passed(struct loop_timer *timer)
{
	want(container_of(timer, struct console, pause));
}

static void ready(struct loop_fd *fd, u32 events)
{
	struct console *console = container_of(fd, struct console, fd);
	ssize_t n = receive(console);

	(void)events;
	/* That QEMU ends is seen elsewhere. */
	if (n <= 0 && n != -EAGAIN)
		console->has_ended = true;
	else if (n < READ_SIZE)
		loop_timer_set(console->loop, &console->pause, PAUSE_MS);
	want(console);
}

int console_open(struct console *console, struct loop *loop, int fd,
		 int keyboard)
{
	console->loop = loop;
	console->fd = (struct loop_fd){ .fd = fd, .ready = ready };
	console->keyboard = (struct loop_fd){ .fd = keyboard,
					      .ready = keyboard_ready };
	console->pause.fire = pause_passed;
	console->log = -1;
	console->last = malloc(CONSOLE_LAST);
	if (!console->last)
		return -ENOMEM;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	fcntl(keyboard, F_SETFL, O_NONBLOCK);
	return loop_want(loop, &console->fd, EPOLLIN);
}

void console_log(struct console *console, const char *path)
{
	console->log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			    0666);
	console->log_err = console->log < 0 ? -errno : 0;
}

/* The ring's n last bytes in order; n is at most what is in it. */
static void copy_last(const struct console *console, char *to, size_t n)
{
	size_t from = (console->at + CONSOLE_LAST - n) % CONSOLE_LAST;
	size_t first = CONSOLE_LAST - from;

	if (first > n)
		first = n;
	memcpy(to, console->last + from, first);
	memcpy(to + first, console->last, n - first);
}

/* Append what the file does not have of the end. */
static void finish_log(struct console *console)
{
	unsigned long long missing = console->count - console->logged;
	size_t n = missing < CONSOLE_LAST ? missing : CONSOLE_LAST;
	char *last = missing ? malloc(n) : NULL;

	if (!last)
		return;
	copy_last(console, last, n);
	if (missing > n)
		dprintf(console->log, "\n[%llu bytes are left out here]\n",
			missing - n);
	log_bytes(console, last, n);
	free(last);
}

void console_close(struct console *console)
{
	if (!console->loop)
		return;
	if (console->log >= 0)
		finish_log(console);
	if (console->log >= 0)
		close(console->log);
	loop_timer_cancel(console->loop, &console->pause);
	loop_want(console->loop, &console->fd, 0);
	loop_want(console->loop, &console->keyboard, 0);
	close(console->fd.fd);
	close(console->keyboard.fd);
	queue_fini(&console->keys);
	free(console->last);
	console->loop = NULL;
}

void console_listen(struct console *console, struct console_ear *ear)
{
	ear->next = console->ears;
	console->ears = ear;
}

void console_unlisten(struct console *console, struct console_ear *ear)
{
	struct console_ear **at = &console->ears;

	while (*at && *at != ear)
		at = &(*at)->next;
	if (*at)
		*at = ear->next;
}

bool console_type(struct console *console, const char *keys, size_t count)
{
	if (queue_count(&console->keys) + count > KEYS_MAX ||
	    queue_add(&console->keys, keys, count) < 0)
		return false;
	transmit(console);
	return true;
}

void console_hold(struct console *console, bool hold)
{
	console->is_held = hold;
	want(console);
}

void console_drain(struct console *console)
{
	while (console->loop && receive(console) > 0)
		;
}

/* Where the last so many lines begin. */
static const char *find_lines(const char *text, size_t count, int lines)
{
	const char *at = text + count;

	while (at > text && (at[-1] == '\n' || at[-1] == '\r'))
		at--;
	while (at > text && !(at[-1] == '\n' && !--lines))
		at--;
	return at;
}

void console_print_last(const struct console *console, int lines, FILE *out)
{
	size_t count = console->count < 8192 ? console->count : 8192;
	char text[8192];
	const char *at;
	char last = '\n';

	copy_last(console, text, count);
	for (at = find_lines(text, count, lines); at < text + count; at++) {
		if (*at == '\r' || (*at == '\n' && last == '\n'))
			continue;
		if (last == '\n')
			fputs("  | ", out);
		last = *at;
		putc(*at == '\n' || (*at >= ' ' && *at < 0x7f) ? *at : '?', out);
	}
	if (last != '\n')
		putc('\n', out);
}
