// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/macros.h"
#include "vm/qemu/console.h"

#define READ_SIZE 65536
#define KEYS_MAX 65536

/* QEMU writes single bytes: to wake up for each costs 0.1 s of a boot. */
#define PAUSE_MS 2

static void console_log_bytes(struct console *console, const char *bytes,
			      size_t count)
{
	if (console->log < 0)
		return;
	console->log_err = fd_write(console->log, bytes, count);
	console->logged += count;
	if (console->log_err < 0) {
		close(console->log);
		console->log = -1;
	}
}

static void console_remember(struct console *console, const char *bytes,
			     size_t count)
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

static struct console_ear *console_ear_of(struct list_node *node)
{
	return container_of(node, struct console_ear, node);
}

static void console_take(struct console *console, const char *bytes,
			 size_t count)
{
	struct list_node *node = console->ears.first;
	struct console_ear *ear;
	size_t first = count;

	if (first > CONSOLE_FIRST - console->logged)
		first = CONSOLE_FIRST - console->logged;
	console_log_bytes(console, bytes, first);
	console_remember(console, bytes, count);
	console->count += count;
	while (node) {
		ear = console_ear_of(node);
		node = node->next;
		ear->hear(ear, bytes, count);
	}
}

static ssize_t console_receive(struct console *console)
{
	char bytes[READ_SIZE];
	ssize_t n = fd_read(console->fd.fd, bytes, sizeof(bytes));

	if (n > 0)
		console_take(console, bytes, n);
	return n;
}

static void console_tell_keys_read(struct console *console)
{
	struct list_node *node;
	struct console_ear *ear;

	for (node = console->ears.first; node; node = node->next) {
		ear = console_ear_of(node);
		if (ear->keys_read)
			ear->keys_read(ear);
	}
}

static void console_transmit(struct console *console)
{
	ssize_t n = queue_write(&console->keys, console->keyboard.fd, KEYS_MAX);

	if (n < 0 && n != -EAGAIN)
		queue_drop(&console->keys, queue_count(&console->keys));
	loop_want(console->loop, &console->keyboard,
		  queue_count(&console->keys) ? EPOLLOUT : 0);
}

static void console_keyboard_ready(struct loop_fd *fd, u32 events)
{
	struct console *console = container_of(fd, struct console, keyboard);

	(void)events;
	console_transmit(console);
	if (!queue_count(&console->keys))
		console_tell_keys_read(console);
}

static void console_want(struct console *console)
{
	bool wants = !console->is_held && !console->has_ended &&
		     !loop_timer_is_set(&console->pause);

	loop_want(console->loop, &console->fd, wants ? EPOLLIN : 0);
}

static void console_pause_passed(struct loop_timer *timer)
{
	console_want(container_of(timer, struct console, pause));
}

static void console_ready(struct loop_fd *fd, u32 events)
{
	struct console *console = container_of(fd, struct console, fd);
	ssize_t n = console_receive(console);

	(void)events;
	/* That QEMU ends is seen elsewhere. */
	if (n <= 0 && n != -EAGAIN)
		console->has_ended = true;
	else if (n < READ_SIZE)
		loop_timer_set(console->loop, &console->pause, PAUSE_MS);
	console_want(console);
}

int console_open(struct console *console, struct loop *loop, int fd,
		 int keyboard)
{
	console->loop = loop;
	console->fd = (struct loop_fd){ .fd = fd, .ready = console_ready };
	console->keyboard = (struct loop_fd){ .fd = keyboard,
					      .ready = console_keyboard_ready };
	console->pause.fire = console_pause_passed;
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
static void console_copy_last(const struct console *console, char *to, size_t n)
{
	size_t from = (console->at + CONSOLE_LAST - n) % CONSOLE_LAST;
	size_t first = CONSOLE_LAST - from;

	if (first > n)
		first = n;
	memcpy(to, console->last + from, first);
	memcpy(to + first, console->last, n - first);
}

/* Append what the file does not have of the end. */
static void console_finish_log(struct console *console)
{
	unsigned long long missing = console->count - console->logged;
	size_t n = missing < CONSOLE_LAST ? missing : CONSOLE_LAST;
	char *last = missing ? malloc(n) : NULL;

	if (!last)
		return;
	console_copy_last(console, last, n);
	if (missing > n)
		dprintf(console->log, "\n[%llu bytes are left out here]\n",
			missing - n);
	console_log_bytes(console, last, n);
	free(last);
}

void console_close(struct console *console)
{
	if (!console->loop)
		return;
	if (console->log >= 0)
		console_finish_log(console);
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
	list_add(&console->ears, &ear->node);
}

void console_unlisten(struct console *console, struct console_ear *ear)
{
	(void)console;
	list_remove(&ear->node);
}

bool console_type(struct console *console, const char *keys, size_t count)
{
	if (queue_count(&console->keys) + count > KEYS_MAX)
		return false;
	queue_add(&console->keys, keys, count);
	console_transmit(console);
	return true;
}

void console_hold(struct console *console, bool hold)
{
	console->is_held = hold;
	console_want(console);
}

void console_drain(struct console *console)
{
	while (console->loop && console_receive(console) > 0)
		;
}

/* Where the last so many lines begin. */
static const char *console_find_lines(const char *text, size_t count, int lines)
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

	console_copy_last(console, text, count);
	at = console_find_lines(text, count, lines);
	for (; at < text + count; at++) {
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
