// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "fd.h"
#include "macros.h"

#define STREAM 1
#define CTRL_A 1

/* Credit is told in steps, for it costs a frame. */
#define CREDIT_STEP (FRAME_WINDOW / 4)

/* Input waits while this much of it has not left us. */
#define WAITING_MAX FRAME_WINDOW

static void send_frame(struct ask *ask, u16 type, u16 channel,
		       const void *data, u32 size)
{
	struct frame frame = {
		.type = type,
		.channel = channel,
		.stream = STREAM,
		.size = size,
	};

	link_send(&ask->link, &frame, data);
}

static void want_input(struct ask *ask)
{
	/* A key may become two: see take_keys(). */
	bool wants = ask->has_input && ask->window > 1 && !ask->has_answer &&
		     link_waiting(&ask->link) < WAITING_MAX;

	loop_want(ask->loop, &ask->in, wants ? EPOLLIN : 0);
}

static void maybe_finish(struct ask *ask)
{
	if (ask->has_answer && !queue_count(&ask->output[0].queue) &&
	    !queue_count(&ask->output[1].queue))
		loop_timer_set(ask->loop, &ask->finished, 0);
}

static void answer(struct ask *ask, int err)
{
	if (ask->has_answer)
		return;
	ask->has_answer = true;
	ask->err = err;
	want_input(ask);
	maybe_finish(ask);
}

/*
 * Take out Ctrl-A and what it means with the key behind it; twice, it is itself.
 * Returns how many keys are left; they may have become one more.
 */
static size_t take_keys(struct ask *ask, char *to, const char *keys,
			size_t count)
{
	size_t i, n = 0;

	for (i = 0; i < count; i++) {
		if (!ask->escape && keys[i] == CTRL_A) {
			ask->escape = true;
			continue;
		}
		if (ask->escape && (keys[i] == 'x' || keys[i] == 'X')) {
			ask->leave(ask);
			return 0;
		}
		if (ask->escape && keys[i] != CTRL_A)
			to[n++] = CTRL_A;
		ask->escape = false;
		to[n++] = keys[i];
	}
	return n;
}

static void input_ready(struct loop_fd *fd, u32 events)
{
	struct ask *ask = container_of(fd, struct ask, in);
	size_t most = ask->window < FRAME_MAX ? ask->window : FRAME_MAX;
	char bytes[FRAME_MAX];
	char *begin = bytes + 1;
	ssize_t n;

	(void)events;
	n = read(fd->fd, begin, most - 1);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		if (ask->leave) {
			begin = bytes;
			n = take_keys(ask, begin, begin + 1, n);
		}
		ask->window -= n;
		if (n)
			send_frame(ask, FRAME_DATA, 0, begin, n);
	} else {
		ask->has_input = false;
		send_frame(ask, FRAME_END, 0, NULL, 0);
	}
	want_input(ask);
}

/* The output cannot be written to, which for errors does not matter. */
static void fail_output(struct ask *ask, struct ask_output *output, int err)
{
	output->err = err;
	queue_drop(&output->queue, queue_count(&output->queue));
	if (output == &ask->output[0] && !ask->has_answer) {
		send_frame(ask, FRAME_CANCEL, 0, NULL, 0);
		answer(ask, err);
	}
}

static void give_credit(struct ask *ask, struct ask_output *output)
{
	char data[4];

	if (output->credit < CREDIT_STEP || ask->has_answer)
		return;
	frame_put32(data, output->credit);
	send_frame(ask, FRAME_CREDIT, 1 + (output - ask->output), data,
		   sizeof(data));
	output->credit = 0;
}

static void write_output(struct ask *ask, struct ask_output *output)
{
	ssize_t n = queue_write(&output->queue, output->fd.fd, output->most);

	if (n > 0)
		output->credit += n;
	else if (n < 0 && n != -EAGAIN)
		fail_output(ask, output, n);
	give_credit(ask, output);
	loop_want(ask->loop, &output->fd,
		  queue_count(&output->queue) ? EPOLLOUT : 0);
	maybe_finish(ask);
}

static void output_ready(struct loop_fd *fd, u32 events)
{
	struct ask_output *output = container_of(fd, struct ask_output, fd);

	(void)events;
	write_output(output->ask, output);
}

static void take_data(struct ask *ask, const struct frame *frame,
		      const char *data)
{
	struct ask_output *output = &ask->output[frame->channel - 1];

	if (frame->channel == 1 && ask->tests)
		tests_feed(ask->tests, data, frame->size);
	if (output->fd.fd < 0 || output->err) {
		output->credit += frame->size;
		give_credit(ask, output);
	} else if (queue_add(&output->queue, data, frame->size) < 0) {
		fail_output(ask, output, -ENOMEM);
	} else {
		/* Only then is it known that it does not block. */
		loop_want(ask->loop, &output->fd, EPOLLOUT);
	}
}

static void take_done(struct ask *ask, const struct frame *frame,
		      const char *data)
{
	/* Behind the sentence is what the kernel said, as in its log. */
	const char *end = memchr(data + 4, '\n', frame->size - 4);
	size_t count = end ? (size_t)(end - data) - 4 : frame->size - 4;
	char *c;

	if (count >= sizeof(ask->why))
		count = sizeof(ask->why) - 1;
	memcpy(ask->why, data + 4, count);
	ask->why[count] = '\0';
	/* It goes to a terminal, and who knows what a terminal may do. */
	for (c = ask->why; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	answer(ask, (int)frame_get32(data));
}

static void take_exit(struct ask *ask, const char *data)
{
	u32 which = frame_get32(data + 4);

	ask->is_exit = true;
	ask->status = frame_get32(data) ? 128 + (which & 0x7f) : which & 0xff;
	answer(ask, 0);
}

static void take_frame(struct link *link, const struct frame *frame,
		       const char *data)
{
	struct ask *ask = container_of(link, struct ask, link);

	if (frame->type == FRAME_HELLO &&
	    frame_get32(data) != FRAME_VERSION)
		link_break(link, -EPROTONOSUPPORT);
	if (frame->stream != STREAM || ask->has_answer)
		return;

	switch (frame->type) {
	case FRAME_DATA:
		if (frame->channel)
			take_data(ask, frame, data);
		break;
	case FRAME_CREDIT:
		ask->window += frame_get32(data);
		want_input(ask);
		break;
	case FRAME_STAT:
		ask->mode = frame_get32(data);
		break;
	case FRAME_DONE:
		take_done(ask, frame, data);
		break;
	case FRAME_EXIT:
		take_exit(ask, data);
		break;
	}
}

static void lost(struct link *link)
{
	link_break(link, -EBADMSG);
}

static void drained(struct link *link)
{
	want_input(container_of(link, struct ask, link));
}

static void over(struct link *link, int err)
{
	answer(container_of(link, struct ask, link), err ? err : -ECONNRESET);
}

static void finished(struct loop_timer *timer)
{
	struct ask *ask = container_of(timer, struct ask, finished);

	if (ask->tests)
		tests_finish(ask->tests);
	ask->done(ask);
}

static void open_output(struct ask *ask, struct ask_output *output, int fd)
{
	int own = fd_open_nonblocking(fd);

	output->ask = ask;
	output->is_own = own >= 0;
	output->fd = (struct loop_fd){ .fd = output->is_own ? own : fd,
				       .ready = output_ready };
	/* A pipe takes one page without blocking when poll() says so. */
	output->most = output->is_own || own == -EINVAL ? FRAME_WINDOW :
							  PIPE_BUF;
}

int ask_open(struct ask *ask, struct loop *loop, int fd, const int std[3])
{
	int err;

	ask->loop = loop;
	ask->link.frame = take_frame;
	ask->link.lost = lost;
	ask->link.drained = drained;
	ask->link.over = over;
	ask->finished.fire = finished;
	ask->in = (struct loop_fd){ .fd = std[0], .ready = input_ready };
	open_output(ask, &ask->output[0], std[1]);
	open_output(ask, &ask->output[1], std[2]);

	err = link_open(&ask->link, loop, fd);
	return err ? err : link_hello(&ask->link, 0);
}

void ask_close(struct ask *ask)
{
	int i;

	if (!ask->loop)
		return;
	link_close(&ask->link);
	loop_timer_cancel(ask->loop, &ask->finished);
	loop_want(ask->loop, &ask->in, 0);
	for (i = 0; i < 2; i++) {
		loop_want(ask->loop, &ask->output[i].fd, 0);
		if (ask->output[i].is_own)
			close(ask->output[i].fd.fd);
		queue_fini(&ask->output[i].queue);
	}
	ask->loop = NULL;
}

int ask_send(struct ask *ask, u16 type, const void *data, u32 size)
{
	send_frame(ask, type, 0, data, size);
	ask->window = FRAME_WINDOW;
	ask->has_input = ask->in.fd >= 0;
	want_input(ask);
	return ask->link.err;
}

static int add_text(struct queue *queue, const char *text)
{
	return queue_add(queue, text, strlen(text) + 1);
}

int ask_run(struct ask *ask, char *const *words, u16 rows, u16 columns)
{
	struct frame_run run = {
		.flags = columns ? FRAME_RUN_TTY : 0,
		.rows = rows,
		.columns = columns,
	};
	const char *term = columns ? getenv("TERM") : NULL;
	char head[FRAME_RUN_HEAD];
	struct queue data = {};
	int err = 0;

	while (words[run.argc])
		run.argc++;
	run.envc = term ? 1 : 0;
	frame_write_run(head, &run);

	err |= queue_add(&data, head, sizeof(head));
	err |= queue_add(&data, "", 1);
	for (; *words; words++)
		err |= add_text(&data, *words);
	if (term) {
		err |= queue_add(&data, "TERM=", 5);
		err |= add_text(&data, term);
	}
	if (err)
		err = -ENOMEM;
	else if (queue_count(&data) > FRAME_MAX)
		err = -E2BIG;
	else
		err = ask_send(ask, FRAME_RUN, queue_first(&data),
			       queue_count(&data));
	queue_fini(&data);
	return err;
}

const char *ask_why(const struct ask *ask)
{
	return *ask->why ? ask->why : strerror(-ask->err);
}

bool ask_is_lost(const struct ask *ask)
{
	return ask->err == -EPIPE || ask->err == -ECONNRESET ||
	       ask->err == -EPROTO || ask->err == -EBADMSG;
}

void ask_resize(struct ask *ask, u16 rows, u16 columns)
{
	char data[4];

	frame_put16(frame_put16(data, rows), columns);
	send_frame(ask, FRAME_RESIZE, 0, data, sizeof(data));
}
