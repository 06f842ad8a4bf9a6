/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * agent - the supervisor's talk with the agent in the guest
 *
 * Everybody who asks the agent gets a stream with a number of its own on the way
 * to the guest.  The guest is hostile: it can end streams and send nonsense, but
 * not more than each stream's window.
 */
#ifndef VM_AGENT_H
#define VM_AGENT_H

#include "link.h"

struct agent;

/* One question.  The asker embeds it, and it is the asker's again at its end. */
struct stream {
	/*
	 * A frame of the answer.  DONE and EXIT are the last one; they also come
	 * when the agent is lost or breaks the rules.
	 */
	void (*answer)(struct stream *stream, const struct frame *frame,
		       const char *data);

	struct stream *next;
	u32 number;
	u32 window[3]; /* what may still be sent on each channel */
	bool is_ended[3]; /* the guest sends no more on this one */
};

struct agent {
	/* The agent has said its first word, or the first one again. */
	void (*hello)(struct agent *agent);

	struct link link;
	struct stream *streams;
	u32 last_number;
	bool is_up;
	u64 boot_ns; /* the guest's time at the first word */
};

/* Begin, with the callback set; fd then belongs to agent.  0 or -errno. */
int agent_open(struct agent *agent, struct loop *loop, int fd);

/* Ends all streams. */
void agent_close(struct agent *agent);

/*
 * Open a stream, with answer set.  The agent need not be up: it will read this
 * when it is.  Returns 0 or -errno.
 */
int agent_ask(struct agent *agent, struct stream *stream, u16 type,
	      const void *data, u32 size);

/*
 * Send a frame on an open stream.  Returns 0 or -errno: -EPROTO when the window
 * does not allow it.
 */
int agent_send(struct agent *agent, struct stream *stream, u16 type,
	       u16 channel, const void *data, u32 size);

/* Give the stream up; no answer comes any more. */
void agent_forget(struct agent *agent, struct stream *stream);

/* The port was closed in the guest: whatever was asked is lost. */
void agent_gone(struct agent *agent);

/* The port was opened in the guest: greet whoever is there now. */
void agent_greet(struct agent *agent);

#endif
