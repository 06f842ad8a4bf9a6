// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "lib/macros.h"
#include "vm/link/agent.h"

static bool agent_is_last(const struct frame *frame)
{
	return frame->type == FRAME_DONE || frame->type == FRAME_EXIT;
}

static struct agent_stream *agent_stream_of(struct list_node *node)
{
	return container_of(node, struct agent_stream, node);
}

static struct agent_stream *agent_find_stream(const struct agent *agent,
					      u32 number)
{
	struct list_node *node = agent->streams.first;

	while (node && agent_stream_of(node)->number != number)
		node = node->next;
	return node ? agent_stream_of(node) : NULL;
}

static void agent_unlist(struct agent_stream *stream)
{
	list_remove(&stream->node);
	stream->number = 0;
}

static void agent_answer(struct agent_stream *stream, const struct frame *frame,
			 const char *data)
{
	if (stream->answer)
		stream->answer(stream, frame, data);
}

/* End the stream with a DONE of our own. */
static void agent_finish(struct agent_stream *stream, int err, const char *why)
{
	struct frame done = {
		.type = FRAME_DONE,
		.stream = stream->number,
		.size = 4 + strlen(why),
	};
	char data[256];

	memcpy(frame_put32(data, err), why, strlen(why));
	agent_unlist(stream);
	agent_answer(stream, &done, data);
}

static void agent_finish_all(struct agent *agent, int err, const char *why)
{
	while (agent->streams.first)
		agent_finish(agent_stream_of(agent->streams.first), err, why);
}

/* May the agent send this frame?  If so, update the windows. */
static bool agent_admit(struct agent_stream *stream, const struct frame *frame,
			const char *data)
{
	u16 channel = frame->channel;
	u32 more;

	switch (frame->type) {
	case FRAME_DATA:
		if (!channel || stream->is_ended[channel] ||
		    frame->size > stream->window[channel])
			return false;
		stream->window[channel] -= frame->size;
		return true;
	case FRAME_END:
		if (!channel || stream->is_ended[channel])
			return false;
		stream->is_ended[channel] = true;
		return true;
	case FRAME_CREDIT:
		more = frame_get32(data);
		if (channel || more > FRAME_WINDOW - stream->window[0])
			return false;
		stream->window[0] += more;
		return true;
	case FRAME_STAT:
		/* At most one. */
		if (stream->is_ended[0])
			return false;
		stream->is_ended[0] = true;
		return true;
	default:
		return agent_is_last(frame);
	}
}

static void agent_take_hello(struct agent *agent, const struct frame *frame,
			     const char *data)
{
	if (frame_get32(data) != FRAME_VERSION || frame->size != 12)
		return;
	if (!agent->is_up)
		agent->boot_ns = frame_get64(data + 4);
	agent->is_up = true;
	agent->hello(agent);
}

static void agent_take_frame(struct link *link, const struct frame *frame,
			     const char *data)
{
	struct agent *agent = container_of(link, struct agent, link);
	struct agent_stream *stream;

	if (frame->type == FRAME_HELLO) {
		agent_take_hello(agent, frame, data);
		return;
	}
	stream = agent_find_stream(agent, frame->stream);
	if (!stream)
		return;

	if (!agent_admit(stream, frame, data)) {
		agent_send(agent, stream, FRAME_CANCEL, 0, NULL, 0);
		agent_finish(stream, -EPROTO,
			     "the guest's agent broke the protocol");
		return;
	}
	if (agent_is_last(frame))
		agent_unlist(stream);
	agent_answer(stream, frame, data);
}

static void agent_lost(struct link *link)
{
	struct agent *agent = container_of(link, struct agent, link);

	/* Before the first HELLO these are bytes of an earlier agent. */
	if (!agent->is_up)
		return;
	agent_finish_all(agent, -EBADMSG,
			 "the guest's agent sent bytes that are no frame");
	link_hello(link, 0);
}

/* QEMU has ended or will be ended; the streams end with it. */
static void agent_over(struct link *link, int err)
{
	(void)err;
	link_close(link);
}

int agent_open(struct agent *agent, struct loop *loop, int fd)
{
	int err;

	agent->link.frame = agent_take_frame;
	agent->link.lost = agent_lost;
	agent->link.over = agent_over;
	agent->link.is_skipping = true;
	err = link_open(&agent->link, loop, fd);
	return err ? err : link_hello(&agent->link, 0);
}

void agent_close(struct agent *agent)
{
	agent_gone(agent);
	link_close(&agent->link);
}

int agent_ask(struct agent *agent, struct agent_stream *stream, u16 type,
	      const void *data, u32 size)
{
	struct frame frame = { .type = type, .size = size };
	size_t i;
	int err;

	if (!++agent->last_number)
		agent->last_number = 1;
	frame.stream = agent->last_number;
	err = link_send(&agent->link, &frame, data);
	if (err < 0)
		return err;

	stream->number = frame.stream;
	for (i = 0; i < ARRAY_SIZE(stream->window); i++) {
		stream->window[i] = FRAME_WINDOW;
		stream->is_ended[i] = false;
	}
	list_add(&agent->streams, &stream->node);
	return 0;
}

int agent_send(struct agent *agent, struct agent_stream *stream, u16 type,
	       u16 channel, const void *data, u32 size)
{
	struct frame frame = {
		.type = type,
		.channel = channel,
		.stream = stream->number,
		.size = size,
	};
	u32 more;

	if (type == FRAME_DATA) {
		if (channel || size > stream->window[0])
			return -EPROTO;
		stream->window[0] -= size;
	} else if (type == FRAME_CREDIT) {
		more = frame_get32(data);
		if (!channel || more > FRAME_WINDOW - stream->window[channel])
			return -EPROTO;
		stream->window[channel] += more;
	}
	return link_send(&agent->link, &frame, data);
}

void agent_forget(struct agent *agent, struct agent_stream *stream)
{
	if (!stream->number)
		return;
	agent_send(agent, stream, FRAME_CANCEL, 0, NULL, 0);
	agent_unlist(stream);
}

void agent_gone(struct agent *agent)
{
	agent->is_up = false;
	agent->link.is_skipping = true;
	agent_finish_all(agent, -EPIPE, "the agent in the guest is gone");
}

void agent_greet(struct agent *agent)
{
	link_hello(&agent->link, 0);
}
