// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "lib/macros.h"
#include "lib/str.h"
#include "lib/text.h"
#include "vm/run/brief.h"

#define NO_LOG "the kernel's log cannot be read"

static void brief_be_ready(struct brief *brief, const char *why_not)
{
	brief->will_save = false;
	brief->ready(brief, why_not);
}

/* Not for each record: that would cost 20 ms of a boot under TCG. */
static void brief_give_credit(struct brief *brief)
{
	u32 used = FRAME_WINDOW - brief->log.window[1];
	char credit[4];

	if (used < FRAME_WINDOW / 2)
		return;
	frame_put32(credit, used);
	agent_send(brief->agent, &brief->log, FRAME_CREDIT, 1, credit,
		   sizeof(credit));
}

static void brief_take_log(struct agent_stream *stream,
			   const struct frame *frame, const char *data)
{
	struct brief *brief = container_of(stream, struct brief, log);

	if (frame->type == FRAME_DATA && frame->channel == 1) {
		brief->record(brief, data, frame->size);
		brief_give_credit(brief);
	}
	if (stream->number)
		return;
	if (!brief->will_save || !brief->has_entropy) {
		brief->log_ended(brief);
		return;
	}
	brief->is_log_read = frame->type == FRAME_DONE && !frame_get32(data);
	brief_be_ready(brief, brief->is_log_read ? NULL : NO_LOG);
}

static void brief_ask_log(struct brief *brief)
{
	char from_now[4];

	frame_put32(from_now, 1);
	brief->log.answer = brief_take_log;
	if (!brief->log.number)
		agent_ask(brief->agent, &brief->log, FRAME_KMSG, from_now,
			  brief->is_log_read ? sizeof(from_now) : 0);
}

static void brief_tell_clock(struct brief *brief)
{
	struct timespec now;
	char data[12];

	clock_gettime(CLOCK_REALTIME, &now);
	frame_put32(frame_put64(data, now.tv_sec), now.tv_nsec);
	if (!brief->clock.number)
		agent_ask(brief->agent, &brief->clock, FRAME_CLOCK, data,
			  sizeof(data));
}

static void brief_take_entropy(struct agent_stream *stream,
			       const struct frame *frame, const char *data)
{
	struct brief *brief = container_of(stream, struct brief, entropy);

	if (!brief->will_save)
		return;
	if (frame->type != FRAME_DONE || frame_get32(data)) {
		brief_be_ready(brief, "the guest takes no random numbers");
	} else if (!brief->log.number) {
		brief_be_ready(brief, NO_LOG);
	} else {
		brief->has_entropy = true;
		brief_end_log(brief);
	}
}

static void brief_tell_entropy(struct brief *brief)
{
	char data[32];

	brief->entropy.answer = brief_take_entropy;
	if (!brief->entropy.number && getrandom(data, sizeof(data), 0) > 0)
		agent_ask(brief->agent, &brief->entropy, FRAME_ENTROPY, data,
			  sizeof(data));
}

/* A host name that no other machine has. */
static void brief_tell_name(struct brief *brief)
{
	char name[65];
	u32 number;

	if (brief->name.number || getrandom(&number, sizeof(number), 0) < 0)
		return;
	snprintf(name, sizeof(name), "%.55s-%08x", brief->host, number);
	agent_ask(brief->agent, &brief->name, FRAME_NAME, name, strlen(name));
}

void brief_give(struct brief *brief)
{
	brief_ask_log(brief);
	brief_tell_clock(brief);
	brief_tell_entropy(brief);
	if (brief->host)
		brief_tell_name(brief);
}

bool brief_is_reading(const struct brief *brief)
{
	return brief->log.number;
}

void brief_end_log(struct brief *brief)
{
	agent_send(brief->agent, &brief->log, FRAME_END, 0, NULL, 0);
}

static void brief_take_share(struct agent_stream *stream,
			     const struct frame *frame, const char *data)
{
	struct brief *brief = container_of(stream, struct brief, share);
	char *why;

	if (stream->number)
		return;
	if (!frame_get32(data)) {
		brief->shared(brief, true, NULL);
		return;
	}
	why = str_printf("the host's folders are not there: %.*s",
			 (int)frame->size - 4, data + 4);
	/* The guest's text will be printed on a terminal. */
	text_disarm(why, strlen(why), '?');
	brief->shared(brief, false, why);
}

int brief_share(struct brief *brief)
{
	brief->share.answer = brief_take_share;
	return agent_ask(brief->agent, &brief->share, FRAME_SHARE, NULL, 0);
}

static void brief_take_settle(struct agent_stream *stream,
			      const struct frame *frame, const char *data)
{
	struct brief *brief = container_of(stream, struct brief, settle);
	int err = (int)frame_get32(data);
	char *why;

	if (stream->number || err == -EPIPE || err == -EBADMSG)
		return;
	/* An agent that does not know the question does not wait either. */
	if (!err || err == -EOPNOTSUPP) {
		brief->settled(brief, NULL);
		return;
	}
	why = str_printf("%.*s", (int)frame->size - 4, data + 4);
	text_disarm(why, strlen(why), '?');
	brief->settled(brief, why);
	free(why);
}

void brief_settle(struct brief *brief)
{
	brief->settle.answer = brief_take_settle;
	if (!brief->settle.number)
		agent_ask(brief->agent, &brief->settle, FRAME_SETTLE, NULL, 0);
}
