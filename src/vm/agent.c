// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "agent.h"
#include "macros.h"

static bool is_last(const struct frame *frame)
{
	return frame->type == FRAME_DONE || frame->type == FRAME_EXIT;
}

static void unlist(struct agent *agent, struct stream *stream)
{
	struct stream **at = &agent->streams;

	while (*at && *at != stream)
		at = &(*at)->next;
	if (*at)
		*at = stream->next;
	stream->number = 0;
}

/* End the stream ourselves, in the agent's place. */
static void finish(struct agent *agent, struct stream *stream, int err,
		   const char *why)
{
	struct frame done = {
		.type = FRAME_DONE,
		.stream = stream->number,
		.size = 4 + strlen(why),
	};
	char data[256];

	memcpy(frame_put32(data, err), why, strlen(why));
	unlist(agent, stream);
	stream->answer(stream, &done, data);
}

static void finish_all(struct agent *agent, int err, const char *why)
{
	while (agent->streams)
		finish(agent, agent->streams, err, why);
}

/* May the agent send this?  If so, it is accounted for. */
static bool admit(struct stream *stream, const struct frame *frame,
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
		/* Once, and first. */
		if (stream->is_ended[0])
			return false;
		stream->is_ended[0] = true;
		return true;
	default:
		return is_last(frame);
	}
}

static void take_hello(struct agent *agent, const struct frame *frame,
		       const char *data)
{
	if (frame_get32(data) != FRAME_VERSION || frame->size != 12)
		return;
	if (!agent->is_up)
		agent->boot_ns = frame_get64(data + 4);
	agent->is_up = true;
	agent->hello(agent);
}

static void take_frame(struct link *link, const struct frame *frame,
		       const char *data)
{
	struct agent *agent = container_of(link, struct agent, link);
	struct stream *stream = agent->streams;

	if (frame->type == FRAME_HELLO) {
		take_hello(agent, frame, data);
		return;
	}
	while (stream && stream->number != frame->stream)
		stream = stream->next;
	if (!stream)
		return;

	if (!admit(stream, frame, data)) {
		agent_send(agent, stream, FRAME_CANCEL, 0, NULL, 0);
		finish(agent, stream, -EPROTO,
		       "the guest's agent broke the rules of the channel");
		return;
	}
	if (is_last(frame))
		unlist(agent, stream);
	stream->answer(stream, frame, data);
}

static void lost(struct link *link)
{
	struct agent *agent = container_of(link, struct agent, link);

	/* Before the first word that is what an earlier agent left. */
	if (!agent->is_up)
		return;
	finish_all(agent, -EBADMSG, "the guest's agent spoke nonsense");
	link_hello(link, 0);
}

/* QEMU ends, or will be ended: what was asked is given up then. */
static void over(struct link *link, int err)
{
	(void)err;
	link_close(link);
}

int agent_open(struct agent *agent, struct loop *loop, int fd)
{
	int err;

	agent->link.frame = take_frame;
	agent->link.lost = lost;
	agent->link.over = over;
	agent->link.is_skipping = true;
	err = link_open(&agent->link, loop, fd);
	return err ? err : link_hello(&agent->link, 0);
}

void agent_close(struct agent *agent)
{
	agent_gone(agent);
	link_close(&agent->link);
}

int agent_ask(struct agent *agent, struct stream *stream, u16 type,
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
	stream->next = agent->streams;
	agent->streams = stream;
	return 0;
}

int agent_send(struct agent *agent, struct stream *stream, u16 type,
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

void agent_forget(struct agent *agent, struct stream *stream)
{
	if (!stream->number)
		return;
	agent_send(agent, stream, FRAME_CANCEL, 0, NULL, 0);
	unlist(agent, stream);
}

void agent_gone(struct agent *agent)
{
	agent->is_up = false;
	agent->link.is_skipping = true;
	finish_all(agent, -EPIPE, "the agent in the guest is gone");
}

void agent_greet(struct agent *agent)
{
	link_hello(&agent->link, 0);
}
