// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/macros.h"
#include "lib/str.h"
#include "lib/text.h"
#include "lib/why.h"
#include "vm/link/ask.h"

#define STREAM 1
#define CTRL_A 1

/* Credit is returned in steps because each costs a frame. */
#define CREDIT_STEP (FRAME_WINDOW / 4)

/* No more input is read while so many bytes are waiting to be sent. */
#define WAITING_MAX FRAME_WINDOW

static void ask_send_frame(struct ask *ask, u16 type, u16 channel,
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

static void ask_want_input(struct ask *ask)
{
	/* A key may become two: see ask_take_keys(). */
	bool wants = ask->has_input && ask->window > 1 && !ask->has_answer &&
		     !queue_count(&ask->ahead) &&
		     link_waiting(&ask->link) < WAITING_MAX;

	/* A hang-up is to be seen though nothing is read. */
	loop_want(ask->loop, &ask->in, wants ? EPOLLIN :
		  ask->has_input && ask->is_tty && !ask->has_answer ? EPOLLHUP : 0);
}

static void ask_hang_up(struct ask *ask)
{
	ask->has_input = false;
	loop_want(ask->loop, &ask->in, 0);
	ask->hung_up(ask);
}

/* Where keys go, nothing but a hang-up ends the input. */
static bool ask_is_hung_up(const struct ask *ask, ssize_t n, int err)
{
	return ask->is_tty && ((n < 0 && err == EIO) || (!n && ask->leave));
}

/* Send what goes before the input, as far as the window allows. */
static void ask_send_ahead(struct ask *ask)
{
	size_t n;

	while (ask->window && queue_count(&ask->ahead)) {
		n = queue_count(&ask->ahead);
		if (n > ask->window)
			n = ask->window;
		if (n > FRAME_MAX)
			n = FRAME_MAX;
		ask_send_frame(ask, FRAME_DATA, 0, queue_first(&ask->ahead), n);
		queue_drop(&ask->ahead, n);
		ask->window -= n;
	}
}

static void ask_maybe_finish(struct ask *ask)
{
	if (ask->has_answer && !queue_count(&ask->output[0].queue) &&
	    !queue_count(&ask->output[1].queue))
		loop_timer_set(ask->loop, &ask->finished, 0);
}

static void ask_answer(struct ask *ask, int err)
{
	if (ask->has_answer)
		return;
	ask->has_answer = true;
	ask->err = err;
	ask_want_input(ask);
	ask_maybe_finish(ask);
}

/*
 * Handle Ctrl-A X, and replace Ctrl-A Ctrl-A by Ctrl-A.  Returns the number of keys
 * to send, which may be one more than came: a Ctrl-A held back before.
 */
static size_t ask_take_keys(struct ask *ask, char *to, const char *keys,
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

static void ask_input_ready(struct loop_fd *fd, u32 events)
{
	struct ask *ask = container_of(fd, struct ask, in);
	size_t most = ask->window < FRAME_MAX ? ask->window : FRAME_MAX;
	char bytes[FRAME_MAX];
	char *begin = bytes + 1;
	ssize_t n;

	(void)events;
	/* Only a terminal is waited for in this way. */
	if (fd->events == EPOLLHUP) {
		ask_hang_up(ask);
		return;
	}
	n = read(fd->fd, begin, most - 1);
	if (ask_is_hung_up(ask, n, errno)) {
		ask_hang_up(ask);
		return;
	}
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		if (ask->leave) {
			begin = bytes;
			n = ask_take_keys(ask, begin, begin + 1, n);
		}
		ask->window -= n;
		if (n)
			ask_send_frame(ask, FRAME_DATA, 0, begin, n);
	} else {
		ask->has_input = false;
		ask_send_frame(ask, FRAME_END, 0, NULL, 0);
	}
	ask_want_input(ask);
}

/* The output cannot be written to; for channel 2 that ends nothing. */
static void ask_fail_output(struct ask *ask, struct ask_output *output, int err)
{
	output->err = err;
	queue_drop(&output->queue, queue_count(&output->queue));
	if (output == &ask->output[0] && !ask->has_answer) {
		ask_send_frame(ask, FRAME_CANCEL, 0, NULL, 0);
		ask_answer(ask, err);
	}
}

static void ask_give_credit(struct ask *ask, struct ask_output *output)
{
	char data[4];

	if (output->credit < CREDIT_STEP || ask->has_answer)
		return;
	frame_put32(data, output->credit);
	ask_send_frame(ask, FRAME_CREDIT, 1 + (output - ask->output), data,
		       sizeof(data));
	output->credit = 0;
}

static void ask_write_output(struct ask *ask, struct ask_output *output)
{
	ssize_t n = queue_write(&output->queue, output->fd.fd, output->most);

	if (n > 0)
		output->credit += n;
	else if (n < 0 && n != -EAGAIN)
		ask_fail_output(ask, output, n);
	ask_give_credit(ask, output);
	loop_want(ask->loop, &output->fd,
		  queue_count(&output->queue) ? EPOLLOUT : 0);
	ask_maybe_finish(ask);
}

static void ask_output_ready(struct loop_fd *fd, u32 events)
{
	struct ask_output *output = container_of(fd, struct ask_output, fd);

	(void)events;
	ask_write_output(output->ask, output);
}

static void ask_take_data(struct ask *ask, const struct frame *frame,
			  const char *data)
{
	struct ask_output *output = &ask->output[frame->channel - 1];

	if (frame->channel == 1 && ask->tests)
		tests_feed(ask->tests, data, frame->size);
	if (output->fd.fd < 0 || output->err) {
		output->credit += frame->size;
		ask_give_credit(ask, output);
	} else {
		queue_add(&output->queue, data, frame->size);
		/* Write when the loop knows that it does not block. */
		loop_want(ask->loop, &output->fd, EPOLLOUT);
	}
}

static void ask_take_done(struct ask *ask, const struct frame *frame,
			  const char *data)
{
	/* The first line is the reason; the guest's kernel log follows. */
	const char *end = memchr(data + 4, '\n', frame->size - 4);
	size_t count = end ? (size_t)(end - data) - 4 : frame->size - 4;

	if (count >= sizeof(ask->why))
		count = sizeof(ask->why) - 1;
	memcpy(ask->why, data + 4, count);
	ask->why[count] = '\0';
	text_disarm(ask->why, count, '?');
	ask_answer(ask, (int)frame_get32(data));
}

static void ask_take_exit(struct ask *ask, const char *data)
{
	u32 which = frame_get32(data + 4);

	ask->is_exit = true;
	ask->status = frame_get32(data) ? 128 + (which & 0x7f) : which & 0xff;
	ask_answer(ask, 0);
}

static void ask_take_frame(struct link *link, const struct frame *frame,
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
			ask_take_data(ask, frame, data);
		break;
	case FRAME_CREDIT:
		ask->window += frame_get32(data);
		ask_send_ahead(ask);
		ask_want_input(ask);
		break;
	case FRAME_STAT:
		ask->mode = frame_get32(data);
		ask->changed.tv_sec = frame_get64(data + 12);
		ask->changed.tv_nsec = frame_get32(data + 20);
		break;
	case FRAME_DONE:
		ask_take_done(ask, frame, data);
		break;
	case FRAME_EXIT:
		ask_take_exit(ask, data);
		break;
	}
}

static void ask_lost(struct link *link)
{
	link_break(link, -EBADMSG);
}

static void ask_drained(struct link *link)
{
	ask_want_input(container_of(link, struct ask, link));
}

static void ask_over(struct link *link, int err)
{
	ask_answer(container_of(link, struct ask, link),
		   err ? err : -ECONNRESET);
}

static void ask_finished(struct loop_timer *timer)
{
	struct ask *ask = container_of(timer, struct ask, finished);

	if (ask->tests)
		tests_finish(ask->tests);
	ask->done(ask);
}

static void ask_open_output(struct ask *ask, struct ask_output *output, int fd)
{
	int own = fd_open_nonblocking(fd);

	output->ask = ask;
	output->is_own = own >= 0;
	output->fd = (struct loop_fd){ .fd = output->is_own ? own : fd,
				       .ready = ask_output_ready };
	/* A pipe takes one page without blocking when poll() says so. */
	output->most = output->is_own || own == -EINVAL ? FRAME_WINDOW :
							  PIPE_BUF;
}

int ask_open(struct ask *ask, struct loop *loop, int fd, const int std[3])
{
	int err;

	ask->loop = loop;
	ask->link.frame = ask_take_frame;
	ask->link.lost = ask_lost;
	ask->link.drained = ask_drained;
	ask->link.over = ask_over;
	ask->finished.fire = ask_finished;
	ask->in = (struct loop_fd){ .fd = std[0], .ready = ask_input_ready };
	ask->is_tty = std[0] >= 0 && isatty(std[0]);
	ask_open_output(ask, &ask->output[0], std[1]);
	ask_open_output(ask, &ask->output[1], std[2]);

	err = link_open(&ask->link, loop, fd);
	return err ? err : link_hello(&ask->link, 0);
}

void ask_close(struct ask *ask)
{
	int i;

	if (!ask->loop)
		return;
	link_close(&ask->link);
	queue_fini(&ask->ahead);
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
	ask_send_frame(ask, type, 0, data, size);
	ask->window = FRAME_WINDOW;
	ask->has_input = ask->in.fd >= 0;
	ask_send_ahead(ask);
	ask_want_input(ask);
	return ask->link.err;
}

static void ask_add_text(struct queue *queue, const char *text)
{
	queue_add(queue, text, strlen(text) + 1);
}

/* execve() wants room for its own part: the environment, a path. */
#define WORDS_MAX (FRAME_WORDS_MAX - 4096)

int ask_check(char *const *words, char **why)
{
	size_t all = 0, size;

	for (; *words; words++) {
		size = strlen(*words) + 1;
		if (size > FRAME_WORD_MAX)
			return why_set(why, -E2BIG,
				       "a word of the command has %zu bytes; Linux takes %d in one word",
				       size - 1, FRAME_WORD_MAX - 1);
		all += size + sizeof(u64);
	}
	if (all > WORDS_MAX)
		return why_set(why, -E2BIG,
			       "the command has %zu bytes, with 8 for each word; Linux takes %d in all",
			       all, WORDS_MAX);
	return 0;
}

int ask_run(struct ask *ask, char *const *words, bool is_persons, u16 rows,
	    u16 columns)
{
	struct frame_run run = {
		.flags = (columns ? FRAME_RUN_TTY : 0) |
			 (is_persons ? FRAME_RUN_PERSON : 0),
		.rows = rows,
		.columns = columns,
	};
	const char *term = columns ? getenv("TERM") : NULL;
	struct queue texts = {}, data = {};
	char head[FRAME_RUN_HEAD];
	char cwd[PATH_MAX];
	char size[4];
	int err;

	while (words[run.argc])
		run.argc++;
	run.envc = term ? 1 : 0;
	for (; *words; words++)
		ask_add_text(&texts, *words);
	if (term) {
		queue_add(&texts, "TERM=", 5);
		ask_add_text(&texts, term);
	}
	if (queue_count(&texts) + sizeof(head) + PATH_MAX > FRAME_MAX)
		run.flags |= FRAME_RUN_LONG;

	frame_write_run(head, &run);
	queue_add(&data, head, sizeof(head));
	ask_add_text(&data, is_persons && getcwd(cwd, sizeof(cwd)) ? cwd : "");
	if (run.flags & FRAME_RUN_LONG) {
		frame_put32(size, queue_count(&texts));
		queue_add(&data, size, sizeof(size));
		ask->ahead = texts;
		texts = (struct queue){};
	} else {
		queue_add(&data, queue_first(&texts), queue_count(&texts));
	}
	err = ask_send(ask, FRAME_RUN, queue_first(&data), queue_count(&data));
	queue_fini(&texts);
	queue_fini(&data);
	return err;
}

const char *ask_why(const struct ask *ask)
{
	return *ask->why ? ask->why : strerror(-ask->err);
}

char *ask_advice(const struct ask *ask, char *const *words)
{
	struct argv argv = {};
	char *line = NULL, *advice = NULL;
	size_t size;
	FILE *file;

	if (ask->err != -ENOENT || !words || !strpbrk(*words, " \t\n;|&<>$`"))
		return NULL;
	file = open_memstream(&line, &size);
	if (!file)
		return NULL;
	argv_add(&argv, "sh");
	argv_add(&argv, "-c");
	argv_add(&argv, *words);
	argv_print(&argv, file);
	argv_fini(&argv);
	if (!fclose(file))
		advice = str_printf("that is one word, a program's name; a shell's line is: -- %s",
				    line);
	free(line);
	return advice;
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
	ask_send_frame(ask, FRAME_RESIZE, 0, data, sizeof(data));
}
