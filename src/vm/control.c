// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control.h"
#include "macros.h"
#include "sock.h"

#define NAME "control"
#define CLIENTS_MAX 64
#define STREAMS_MAX 8 /* of a client */

/* How long we wait at the end for a client to read what it is owed. */
#define FLUSH_MS 1000

/* A client's stream that goes on to the agent. */
struct relay {
	struct stream stream;
	struct client *client;
	struct relay *next;
	u32 number; /* as the client calls it */
};

/* A client's view of the console; at most one. */
struct view {
	struct console_ear ear;
	u32 number; /* 0: none */
	u32 window;
	unsigned long long missed;
};

struct client {
	struct link link;
	struct control *control;
	struct client *next;
	struct relay *relays;
	int count; /* of relays */
	struct view view;
	u32 stop_number; /* waits for the machine's end under it; or 0 */
	u32 dump_number; /* and for a dump */
	u32 monitor_number; /* and for what the monitor says */
};

static int reply(struct client *client, u16 type, u16 channel, u32 number,
		 const void *data, u32 size)
{
	struct frame frame = {
		.type = type,
		.channel = channel,
		.stream = number,
		.size = size,
	};

	return link_send(&client->link, &frame, data);
}

static void reply_done(struct client *client, u32 number, int err,
		       const char *why)
{
	char data[256];

	memcpy(frame_put32(data, err), why, strlen(why));
	reply(client, FRAME_DONE, 0, number, data, 4 + strlen(why));
}

static void relay_free(struct relay *relay)
{
	struct relay **at = &relay->client->relays;

	while (*at != relay)
		at = &(*at)->next;
	*at = relay->next;
	relay->client->count--;
	free(relay);
}

static void relay_answer(struct stream *stream, const struct frame *frame,
			 const char *data)
{
	struct relay *relay = container_of(stream, struct relay, stream);

	reply(relay->client, frame->type, frame->channel, relay->number, data,
	      frame->size);
	if (!stream->number)
		relay_free(relay);
}

static void open_relay(struct client *client, const struct frame *frame,
		       const char *data)
{
	struct relay *relay;

	relay = client->count < STREAMS_MAX ? calloc(1, sizeof(*relay)) : NULL;
	if (!relay) {
		reply_done(client, frame->stream, -ENOMEM,
			   "too much is asked at a time");
		return;
	}
	relay->stream.answer = relay_answer;
	relay->client = client;
	relay->number = frame->stream;
	relay->next = client->relays;
	client->relays = relay;
	client->count++;
	if (agent_ask(client->control->agent, &relay->stream, frame->type,
		      data, frame->size) < 0) {
		reply_done(client, frame->stream, -EPIPE,
			   "the agent in the guest is gone");
		relay_free(relay);
	}
}

static void relay_frame(struct client *client, const struct frame *frame,
			const char *data)
{
	struct relay *relay = client->relays;

	while (relay && relay->number != frame->stream)
		relay = relay->next;
	if (relay && agent_send(client->control->agent, &relay->stream,
				frame->type, frame->channel, data,
				frame->size) == -EPROTO)
		link_break(&client->link, -EPROTO);
}

/* Text is at most a frame long: more of it is left out. */
static void send_text(struct client *client, u32 number, const char *text)
{
	reply(client, FRAME_DATA, 1, number, text, strnlen(text, FRAME_MAX));
	reply(client, FRAME_END, 1, number, NULL, 0);
	reply_done(client, number, 0, "");
}

static void send_status(struct client *client, u32 number)
{
	char *text = client->control->status(client->control);

	if (text)
		send_text(client, number, text);
	else
		reply_done(client, number, -ENOMEM, "out of memory");
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
	reply(client, FRAME_DATA, 1, view->number, text, len);
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
	reply(client, FRAME_DATA, 1, view->number, bytes, count);
}

static void view_open(struct client *client, u32 number)
{
	struct view *view = &client->view;

	if (view->number) {
		reply_done(client, number, -EBUSY, "the console is open");
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
		/* Keys which the machine does not read are lost, as on a UART. */
		console_type(client->control->console, data, frame->size);
		frame_put32(credit, frame->size);
		reply(client, FRAME_CREDIT, 0, number, credit, sizeof(credit));
		break;
	case FRAME_CREDIT:
		if (frame_get32(data) <= FRAME_WINDOW - view->window)
			view->window += frame_get32(data);
		view_tell_missed(client);
		break;
	case FRAME_CANCEL:
		view_close(client);
		reply_done(client, number, -ECANCELED, "");
		break;
	}
}

/* A HELLO begins anew: what was asked before is given up. */
static void forget_all(struct client *client)
{
	while (client->relays) {
		agent_forget(client->control->agent, &client->relays->stream);
		relay_free(client->relays);
	}
	view_close(client);
	client->stop_number = 0;
	client->dump_number = 0;
	client->monitor_number = 0;
}

static bool is_open(const struct client *client, u32 number)
{
	const struct relay *relay = client->relays;

	while (relay && relay->number != number)
		relay = relay->next;
	return relay || client->view.number == number ||
	       client->stop_number == number ||
	       client->dump_number == number ||
	       client->monitor_number == number;
}

/* Begin what ends by an event of the machine; *number remembers who waits for it. */
static void open_work(struct client *client, const struct frame *frame,
		      const char *data, u32 *number,
		      int (*begin)(struct control *control, const char *text))
{
	char text[PATH_MAX + 1] = "";
	int err;

	memcpy(text, data, frame->size);
	err = begin(client->control, text);
	if (err < 0)
		reply_done(client, frame->stream, err, "");
	else
		*number = frame->stream;
}

static void take_opening(struct client *client, const struct frame *frame,
			 const char *data)
{
	if (is_open(client, frame->stream)) {
		link_break(&client->link, -EPROTO);
		return;
	}
	switch (frame->type) {
	case FRAME_STATUS:
		send_status(client, frame->stream);
		break;
	case FRAME_CONSOLE:
		view_open(client, frame->stream);
		break;
	case FRAME_STOP:
		client->stop_number = frame->stream;
		client->control->stop(client->control, frame_get32(data));
		break;
	case FRAME_DUMP:
		open_work(client, frame, data, &client->dump_number,
			  client->control->dump);
		break;
	case FRAME_MONITOR:
		open_work(client, frame, data, &client->monitor_number,
			  client->control->monitor);
		break;
	default:
		open_relay(client, frame, data);
	}
}

static void take_frame(struct link *link, const struct frame *frame,
		       const char *data)
{
	struct client *client = container_of(link, struct client, link);

	switch (frame->type) {
	case FRAME_HELLO:
		forget_all(client);
		link_hello(link, client->control->agent->boot_ns);
		break;
	case FRAME_RUN ... FRAME_PING:
	case FRAME_STATUS ... FRAME_MONITOR:
		take_opening(client, frame, data);
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
	struct client **at = &client->control->clients;

	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	client->control->count--;
	forget_all(client);
	link_close(&client->link);
	free(client);
}

static void lost(struct link *link)
{
	link_break(link, -EBADMSG);
}

static void over(struct link *link, int err)
{
	(void)err;
	client_close(container_of(link, struct client, link));
}

int control_add(struct control *control, int fd)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return -ENOMEM;
	client->control = control;
	client->link.frame = take_frame;
	client->link.lost = lost;
	client->link.over = over;
	client->next = control->clients;
	control->clients = client;
	control->count++;
	return link_open(&client->link, control->loop, fd);
}

static void accept_client(struct loop_fd *listener, u32 events)
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
	control->listener = (struct loop_fd){ .fd = -1,
					      .ready = accept_client };
}

int control_listen(struct control *control, const char *dir)
{
	/* Nobody listens there: we hold the lock of the folder. */
	int fd = sock_listen(dir, NAME, CLIENTS_MAX);

	if (fd < 0)
		return fd;
	control->listener.fd = fd;
	return loop_want(control->loop, &control->listener, EPOLLIN);
}

void control_dumped(struct control *control, int err)
{
	struct client *client;

	for (client = control->clients; client; client = client->next) {
		if (client->dump_number)
			reply_done(client, client->dump_number, err,
				   err == -EIO ? "QEMU could not write it" : "");
		client->dump_number = 0;
	}
}

void control_monitored(struct control *control, const char *text)
{
	struct client *client;
	u32 number;

	for (client = control->clients; client; client = client->next) {
		number = client->monitor_number;
		client->monitor_number = 0;
		if (number && text)
			send_text(client, number, text);
		else if (number)
			reply_done(client, number, -EIO,
				   "QEMU does not take it");
	}
}

void control_unlink(const char *dir)
{
	sock_unlink(dir, NAME);
}

/* Send what the client is still owed, if it reads. */
static void flush(struct client *client, long long until)
{
	struct pollfd pollfd = { .fd = client->link.fd.fd, .events = POLLOUT };
	ssize_t n;

	while (link_waiting(&client->link) && loop_now() < until &&
	       poll(&pollfd, 1, until - loop_now()) > 0) {
		n = queue_write(&client->link.out, pollfd.fd, SIZE_MAX);
		if (n < 0 && n != -EAGAIN)
			break;
	}
}

void control_close(struct control *control)
{
	long long until = loop_now() + FLUSH_MS;
	struct client *client;

	if (!control->loop)
		return;
	if (control->listener.fd >= 0) {
		loop_want(control->loop, &control->listener, 0);
		close(control->listener.fd);
	}
	while ((client = control->clients)) {
		if (client->stop_number)
			reply_done(client, client->stop_number, 0, "");
		if (client->view.number)
			reply_done(client, client->view.number, 0, "");
		flush(client, until);
		client_close(client);
	}
	control->loop = NULL;
}

int control_connect(const char *dir)
{
	return sock_connect(dir, NAME);
}
