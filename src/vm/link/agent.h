/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * agent - the supervisor's connection to the agent in the guest
 *
 * Every request has a stream with a number of its own.  The guest is hostile: it
 * can end streams and send garbage, but not more than each stream's window allows.
 */
#ifndef VM_AGENT_H
#define VM_AGENT_H

#include "vm/link/link.h"

struct agent;

/* One request.  The asker embeds it and may reuse it once it has ended. */
struct agent_stream {
	/*
	 * Called for each frame of the answer.  The last one is DONE or EXIT; DONE
	 * also comes when the agent is lost or breaks the protocol.  NULL: nobody
	 * wants to know.
	 */
	void (*answer)(struct agent_stream *stream, const struct frame *frame,
		       const char *data);

	struct list_node node; /* in agent->streams */
	u32 number;
	u32 window[3]; /* bytes that may still be sent on each channel */
	bool is_ended[3]; /* the guest has ended this channel */
};

struct agent {
	/* The agent has sent a HELLO, the first one or another. */
	void (*hello)(struct agent *agent);

	struct link link;
	struct list streams;
	u32 last_number;
	bool is_up;
	u64 boot_ns; /* the guest's time since boot at the first HELLO */
};

/* Start, with the callback set; the agent then owns fd.  Returns 0 or -errno. */
int agent_open(struct agent *agent, struct loop *loop, int fd);

/* Ends all streams. */
void agent_close(struct agent *agent);

/*
 * Open a stream, with answer set.  The agent need not be up yet: it reads the
 * request when it is.  Returns 0 or -errno.
 */
int agent_ask(struct agent *agent, struct agent_stream *stream, u16 type,
	      const void *data, u32 size);

/*
 * Send a frame on an open stream.  Returns 0 or -errno: -EPROTO if the window does
 * not allow it.
 */
int agent_send(struct agent *agent, struct agent_stream *stream, u16 type,
	       u16 channel, const void *data, u32 size);

/* Cancel the stream; its answer is not called any more. */
void agent_forget(struct agent *agent, struct agent_stream *stream);

/* The guest has closed the port: end all streams. */
void agent_gone(struct agent *agent);

/* The guest has opened the port: send a HELLO. */
void agent_greet(struct agent *agent);

#endif
