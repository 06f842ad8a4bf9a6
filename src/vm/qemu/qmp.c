// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/macros.h"
#include "lib/sock.h"
#include "lib/str.h"
#include "vm/qemu/qmp.h"

#define READ_SIZE 4096

static void qmp_take_message(struct qmp *qmp, json_t *message)
{
	const char *name = json_string_value(json_object_get(message, "event"));
	json_t *id = json_object_get(message, "id");
	json_t *error = json_object_get(message, "error");

	if (name)
		qmp->event(qmp, name, json_object_get(message, "data"));
	else if (json_is_integer(id) && json_integer_value(id) > 0 &&
		 json_integer_value(id) <= INT_MAX)
		qmp->answer(qmp, json_integer_value(id),
			    json_object_get(message, "return"),
			    json_string_value(json_object_get(error, "desc")));
}

static void qmp_take_line(struct qmp *qmp, const char *line, size_t count)
{
	json_t *message = json_loadb(line, count, 0, NULL);

	if (message)
		qmp_take_message(qmp, message);
	json_decref(message);
}

/* Take the first line of what has come; returns false if it has no end yet. */
static bool qmp_take(struct qmp *qmp)
{
	size_t count = queue_count(&qmp->in);
	const char *line = queue_first(&qmp->in);
	const char *end = count ? memchr(line, '\n', count) : NULL;

	if (end) {
		if (!qmp->is_skipping)
			qmp_take_line(qmp, line, end - line);
		qmp->is_skipping = false;
		queue_drop(&qmp->in, end + 1 - line);
	} else if (count > QMP_LINE_MAX) {
		qmp->is_skipping = true;
		queue_drop(&qmp->in, count);
	}
	return end;
}

void qmp_feed(struct qmp *qmp, const char *bytes, size_t count)
{
	size_t n;

	for (; count; bytes += n, count -= n) {
		n = count < READ_SIZE ? count : READ_SIZE;
		queue_add(&qmp->in, bytes, n);
		while (qmp_take(qmp))
			;
	}
}

static ssize_t qmp_receive(struct qmp *qmp)
{
	char bytes[READ_SIZE];
	ssize_t n = fd_read(qmp->fd.fd, bytes, sizeof(bytes));

	if (n > 0)
		qmp_feed(qmp, bytes, n);
	return n;
}

static void qmp_transmit(struct qmp *qmp)
{
	ssize_t n = queue_write(&qmp->out, qmp->fd.fd, SIZE_MAX);

	if (n < 0 && n != -EAGAIN)
		queue_drop(&qmp->out, queue_count(&qmp->out));
	loop_want(qmp->loop, &qmp->fd, EPOLLIN |
		  (queue_count(&qmp->out) ? EPOLLOUT : 0));
}

static void qmp_ready(struct loop_fd *fd, u32 events)
{
	struct qmp *qmp = container_of(fd, struct qmp, fd);
	ssize_t n = 1;

	if (events & EPOLLOUT)
		qmp_transmit(qmp);
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		n = qmp_receive(qmp);
	/* That QEMU ends is seen elsewhere. */
	if (n <= 0 && n != -EAGAIN)
		loop_want(qmp->loop, fd, 0);
}

int qmp_open(struct qmp *qmp, struct loop *loop, int fd)
{
	qmp->loop = loop;
	qmp->fd = (struct loop_fd){ .fd = fd, .ready = qmp_ready };
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	loop_want(loop, &qmp->fd, EPOLLIN);
	/* QEMU greets and reads this later; it need not be waited for. */
	return qmp_command(qmp, 1, "qmp_capabilities", NULL);
}

void qmp_close(struct qmp *qmp)
{
	if (!qmp->loop)
		return;
	loop_want(qmp->loop, &qmp->fd, 0);
	close(qmp->fd.fd);
	queue_fini(&qmp->in);
	queue_fini(&qmp->out);
	qmp->loop = NULL;
}

static char *qmp_format(int id, const char *name, json_t *arguments)
{
	json_t *message = json_pack("{s:s, s:i, s:o*}", "execute", name,
				    "id", id, "arguments", arguments);
	char *text = json_dumps(message, JSON_COMPACT);
	char *line = text ? str_printf("%s\n", text) : NULL;

	json_decref(message);
	free(text);
	return line;
}

int qmp_command(struct qmp *qmp, int id, const char *name, json_t *arguments)
{
	char *line = qmp_format(id, name, arguments);
	int err = -ENOMEM;

	if (line) {
		queue_add(&qmp->out, line, strlen(line));
		qmp_transmit(qmp);
		err = 0;
	}
	free(line);
	return err;
}

int qmp_give(struct qmp *qmp, int id, const char *name, int fd)
{
	char *line = qmp_format(id, "getfd",
				json_pack("{s:s}", "fdname", name));
	size_t len;
	int err = 0;

	if (!line)
		return -ENOMEM;
	len = strlen(line);
	/* It goes with the bytes, so these cannot wait in the queue. */
	if (queue_count(&qmp->out))
		err = -EAGAIN;
	else if (sock_send(qmp->fd.fd, line, len, &fd, 1, MSG_NOSIGNAL) !=
		 (ssize_t)len)
		err = -EIO;
	free(line);
	return err;
}

void qmp_drain(struct qmp *qmp)
{
	while (qmp->loop && qmp_receive(qmp) > 0)
		;
}
