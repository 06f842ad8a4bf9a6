// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/macros.h"
#include "lib/sock.h"
#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/link/control.h"

#define NAME "control"
#define CLIENTS_MAX 64
#define STREAMS_MAX 8 /* of a client */

/* How long we wait at the end for a client to read its last frames. */
#define FLUSH_MS 1000

/* A client's stream that goes on to the agent. */
struct relay {
	struct agent_stream stream;
	struct client *client;
	struct list_node node; /* in client->relays */
	u32 number; /* the client's number for it */
};

/* A client's view of the console; a client has at most one. */
struct view {
	struct console_ear ear;
	u32 number; /* 0: none */
	u32 window;
	unsigned long long missed;
};

struct client {
	struct link link;
	struct control *control;
	struct list_node node; /* in control->clients */
	struct list relays;
	int count; /* of relays */
	struct view view;
	u32 stop_number; /* of the STOP it waits for; 0: none */
	u32 dump_number; /* of the DUMP */
	u32 monitor_number; /* of the MONITOR */
	char *monitor_command; /* which is still to be given, or NULL */
};

static struct client *client_of(struct list_node *node)
{
	return container_of(node, struct client, node);
}

static int client_reply(struct client *client, u16 type, u16 channel,
			u32 number, const void *data, u32 size)
{
	struct frame frame = {
		.type = type,
		.channel = channel,
		.stream = number,
		.size = size,
	};

	return link_send(&client->link, &frame, data);
}

static void client_reply_done(struct client *client, u32 number, int err,
			      const char *why)
{
	char data[256];

	memcpy(frame_put32(data, err), why, strlen(why));
	client_reply(client, FRAME_DONE, 0, number, data, 4 + strlen(why));
}

static struct relay *relay_of(struct list_node *node)
{
	return container_of(node, struct relay, node);
}

static struct relay *relay_find(const struct client *client, u32 number)
{
	struct list_node *node = client->relays.first;

	while (node && relay_of(node)->number != number)
		node = node->next;
	return node ? relay_of(node) : NULL;
}

static void relay_free(struct relay *relay)
{
	list_remove(&relay->node);
	relay->client->count--;
	free(relay);
}

static void relay_answer(struct agent_stream *stream, const struct frame *frame,
			 const char *data)
{
	struct relay *relay = container_of(stream, struct relay, stream);

	client_reply(relay->client, frame->type, frame->channel, relay->number,
		     data, frame->size);
	if (!stream->number)
		relay_free(relay);
}

static void relay_open(struct client *client, const struct frame *frame,
		       const char *data)
{
	struct relay *relay;

	if (client->count >= STREAMS_MAX) {
		client_reply_done(client, frame->stream, -EMFILE,
				  "the client has too many streams open");
		return;
	}
	relay = xcalloc(1, sizeof(*relay));
	relay->stream.answer = relay_answer;
	relay->client = client;
	relay->number = frame->stream;
	list_add(&client->relays, &relay->node);
	client->count++;
	if (agent_ask(client->control->agent, &relay->stream, frame->type,
		      data, frame->size) < 0) {
		client_reply_done(client, frame->stream, -EPIPE,
				  "the agent in the guest is gone");
		relay_free(relay);
	}
}

static void relay_frame(struct client *client, const struct frame *frame,
			const char *data)
{
	struct relay *relay = relay_find(client, frame->stream);

	if (relay && agent_send(client->control->agent, &relay->stream,
				frame->type, frame->channel, data,
				frame->size) == -EPROTO)
		link_break(&client->link, -EPROTO);
}

/* Send the text, cut off at the size of a frame. */
static void client_send_text(struct client *client, u32 number,
			     const char *text)
{
	client_reply(client, FRAME_DATA, 1, number, text,
		     strnlen(text, FRAME_MAX));
	client_reply(client, FRAME_END, 1, number, NULL, 0);
	client_reply_done(client, number, 0, "");
}

static void client_send_status(struct client *client, u32 number)
{
	char *text = client->control->status(client->control);

	if (text)
		client_send_text(client, number, text);
	else
		client_reply_done(client, number, -ENOMEM, "out of memory");
	free(text);
}

static void view_tell_missed(struct client *client)
{
	struct view *view = &client->view;
	char text[80];
	int len;

	len = snprintf(text, sizeof(text),
		       "\r\n[%llu bytes of the console are left out here]\r\n",
		       view->missed);
	if (!view->missed || view->window < (u32)len)
		return;
	view->window -= len;
	view->missed = 0;
	client_reply(client, FRAME_DATA, 1, view->number, text, len);
}

static void view_hear(struct console_ear *ear, const char *bytes, size_t count)
{
	struct view *view = container_of(ear, struct view, ear);
	struct client *client = container_of(view, struct client, view);

	view_tell_missed(client);
	if (view->missed || count > view->window) {
		view->missed += count;
		return;
	}
	view->window -= count;
	client_reply(client, FRAME_DATA, 1, view->number, bytes, count);
}

static void view_open(struct client *client, u32 number)
{
	struct view *view = &client->view;

	if (view->number) {
		client_reply_done(client, number, -EBUSY,
				  "this client has the console open already");
		return;
	}
	*view = (struct view){
		.ear.hear = view_hear,
		.number = number,
		.window = FRAME_WINDOW,
	};
	console_listen(client->control->console, &view->ear);
}

static void view_close(struct client *client)
{
	if (client->view.number)
		console_unlisten(client->control->console, &client->view.ear);
	client->view.number = 0;
}

static void view_frame(struct client *client, const struct frame *frame,
		       const char *data)
{
	struct view *view = &client->view;
	u32 number = view->number;
	char credit[4];

	switch (frame->type) {
	case FRAME_DATA:
		/* Keys that the machine does not read are lost, as on a UART. */
		console_type(client->control->console, data, frame->size);
		frame_put32(credit, frame->size);
		client_reply(client, FRAME_CREDIT, 0, number, credit,
			     sizeof(credit));
		break;
	case FRAME_CREDIT:
		if (frame_get32(data) <= FRAME_WINDOW - view->window)
			view->window += frame_get32(data);
		view_tell_missed(client);
		break;
	case FRAME_CANCEL:
		view_close(client);
		client_reply_done(client, number, -ECANCELED, "");
		break;
	}
}

/* A HELLO starts over: cancel all earlier requests. */
static void client_forget_all(struct client *client)
{
	struct relay *relay;

	while (client->relays.first) {
		relay = relay_of(client->relays.first);
		agent_forget(client->control->agent, &relay->stream);
		relay_free(relay);
	}
	view_close(client);
	client->stop_number = 0;
	client->dump_number = 0;
	client->monitor_number = 0;
	free(client->monitor_command);
	client->monitor_command = NULL;
}

static bool client_has_open(const struct client *client, u32 number)
{
	return relay_find(client, number) ||
	       client->view.number == number ||
	       client->stop_number == number ||
	       client->dump_number == number ||
	       client->monitor_number == number;
}

static void client_open_dump(struct client *client, const struct frame *frame,
			     const char *data)
{
	char path[PATH_MAX + 1] = "";
	int err;

	memcpy(path, data, frame->size);
	err = client->control->dump(client->control, path);
	if (err < 0)
		client_reply_done(client, frame->stream, err, "");
	else
		client->dump_number = frame->stream;
}

/* Give the monitor the next command that waits: it takes one at a time. */
static void control_ask_monitor(struct control *control)
{
	struct list_node *node;
	struct client *client;
	int err;

	for (node = control->clients.first; node; node = node->next) {
		client = client_of(node);
		if (!client->monitor_command)
			continue;
		err = control->monitor(control, client->monitor_command);
		if (err == -EBUSY)
			return;
		free(client->monitor_command);
		client->monitor_command = NULL;
		if (!err)
			return;
		client_reply_done(client, client->monitor_number, err, "");
		client->monitor_number = 0;
	}
}

static void client_ask_monitor(struct client *client,
			       const struct frame *frame, const char *data)
{
	if (client->monitor_number) {
		client_reply_done(client, frame->stream, -EBUSY,
				  "this client has asked the monitor already");
		return;
	}
	client->monitor_number = frame->stream;
	client->monitor_command = str_printf("%.*s", (int)frame->size, data);
	control_ask_monitor(client->control);
}

static void client_take_opening(struct client *client,
				const struct frame *frame, const char *data)
{
	if (client_has_open(client, frame->stream)) {
		link_break(&client->link, -EPROTO);
		return;
	}
	switch (frame->type) {
	case FRAME_STATUS:
		client_send_status(client, frame->stream);
		break;
	case FRAME_CONSOLE:
		view_open(client, frame->stream);
		break;
	case FRAME_STOP:
		client->stop_number = frame->stream;
		client->control->stop(client->control, frame_get32(data));
		break;
	case FRAME_DUMP:
		client_open_dump(client, frame, data);
		break;
	case FRAME_MONITOR:
		client_ask_monitor(client, frame, data);
		break;
	default:
		relay_open(client, frame, data);
	}
}

static void client_take_frame(struct link *link, const struct frame *frame,
			      const char *data)
{
	struct client *client = container_of(link, struct client, link);

	switch (frame->type) {
	case FRAME_HELLO:
		client_forget_all(client);
		link_hello(link, client->control->agent->boot_ns);
		break;
	case FRAME_RUN ... FRAME_PING:
	case FRAME_STATUS ... FRAME_MONITOR:
	case FRAME_TYPE:
		client_take_opening(client, frame, data);
		break;
	case FRAME_STAT ... FRAME_EXIT:
		link_break(link, -EPROTO);
		break;
	default:
		if (client->view.number == frame->stream)
			view_frame(client, frame, data);
		else
			relay_frame(client, frame, data);
	}
}

static void client_close(struct client *client)
{
	list_remove(&client->node);
	client->control->count--;
	client_forget_all(client);
	link_close(&client->link);
	free(client);
}

static void client_lost(struct link *link)
{
	link_break(link, -EBADMSG);
}

static void client_over(struct link *link, int err)
{
	(void)err;
	client_close(container_of(link, struct client, link));
}

int control_add(struct control *control, int fd)
{
	struct client *client = xcalloc(1, sizeof(*client));

	client->control = control;
	client->link.frame = client_take_frame;
	client->link.lost = client_lost;
	client->link.over = client_over;
	list_add(&control->clients, &client->node);
	control->count++;
	return link_open(&client->link, control->loop, fd);
}

static void control_accept(struct loop_fd *listener, u32 events)
{
	struct control *control = container_of(listener, struct control,
					       listener);
	int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);

	(void)events;
	if (fd >= 0 && (control->count >= CLIENTS_MAX ||
			control_add(control, fd) < 0))
		close(fd);
}

void control_init(struct control *control, struct loop *loop,
		  struct agent *agent, struct console *console)
{
	control->loop = loop;
	control->agent = agent;
	control->console = console;
	control->listener =
		(struct loop_fd){ .fd = -1, .ready = control_accept };
}

int control_listen(struct control *control, const char *dir)
{
	/* No other supervisor listens there: we hold the folder's lock. */
	int fd = sock_listen(dir, NAME, CLIENTS_MAX);

	if (fd < 0)
		return fd;
	control->listener.fd = fd;
	return loop_want(control->loop, &control->listener, EPOLLIN);
}

void control_dumped(struct control *control, int err)
{
	const char *why = err == -EIO ? "QEMU could not write the dump" : "";
	struct list_node *node;
	struct client *client;

	for (node = control->clients.first; node; node = node->next) {
		client = client_of(node);
		if (client->dump_number)
			client_reply_done(client, client->dump_number, err,
					  why);
		client->dump_number = 0;
	}
}

void control_monitored(struct control *control, const char *text)
{
	struct list_node *node;
	struct client *client;
	u32 number;

	for (node = control->clients.first; node; node = node->next) {
		client = client_of(node);
		number = client->monitor_number;
		if (!number || client->monitor_command)
			continue;
		client->monitor_number = 0;
		if (text)
			client_send_text(client, number, text);
		else
			client_reply_done(client, number, -EIO,
					  "QEMU rejects the command");
	}
	control_ask_monitor(control);
}

void control_unlink(const char *dir)
{
	sock_unlink(dir, NAME);
}

/* Send the client's last frames, if it reads them in time. */
static void client_flush(struct client *client, long long until)
{
	struct pollfd pollfd = { .fd = client->link.fd.fd, .events = POLLOUT };
	ssize_t n;

	while (link_waiting(&client->link) && clock_ms() < until &&
	       poll(&pollfd, 1, until - clock_ms()) > 0) {
		n = queue_write(&client->link.out, pollfd.fd, SIZE_MAX);
		if (n < 0 && n != -EAGAIN)
			break;
	}
}

void control_close(struct control *control)
{
	long long until = clock_ms() + FLUSH_MS;
	struct client *client;

	if (!control->loop)
		return;
	if (control->listener.fd >= 0) {
		loop_want(control->loop, &control->listener, 0);
		close(control->listener.fd);
	}
	while (control->clients.first) {
		client = client_of(control->clients.first);
		if (client->stop_number)
			client_reply_done(client, client->stop_number, 0, "");
		if (client->view.number)
			client_reply_done(client, client->view.number, 0, "");
		client_flush(client, until);
		client_close(client);
	}
	control->loop = NULL;
}

int control_connect(const char *dir)
{
	return sock_connect(dir, NAME);
}
