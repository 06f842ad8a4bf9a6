/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * brief - what the agent in the guest is told and asked before anything else
 *
 * Each agent gets the time, random numbers and a host name of its own, and is
 * asked for the kernel's log.  If the machine will be saved, the log is ended as
 * soon as the guest has its random numbers: a guest that refuses them must not
 * be saved, as every copy would draw the same ones.
 *
 * struct brief belongs to the caller; the agent must outlive it, and agent_close()
 * ends all that was asked.
 */
#ifndef VM_BRIEF_H
#define VM_BRIEF_H

#include "vm/link/agent.h"

struct brief {
	/* One record of the kernel's log, as /dev/kmsg has it. */
	void (*record)(struct brief *brief, const char *record, size_t size);
	/*
	 * The machine is ready to be saved, or must not be for this reason.
	 * Called once at most, and only if it will be saved.
	 */
	void (*ready)(struct brief *brief, const char *why_not);
	/* The log has ended, for another reason. */
	void (*log_ended)(struct brief *brief);
	/* The host's folders are mounted, or not: why, the caller's to free. */
	void (*shared)(struct brief *brief, bool is_shared, char *why);
	/* The root's init has done its basic set-up, or not: why, not to be freed. */
	void (*settled)(struct brief *brief, const char *why_not);

	struct agent *agent;
	const char *host; /* names of guests begin so; NULL: they keep theirs */
	bool will_save; /* the machine, when it is ready */
	bool is_log_read; /* up to here; ask for what follows only */
	bool has_entropy;
	struct agent_stream log;
	struct agent_stream clock;
	struct agent_stream entropy;
	struct agent_stream name;
	struct agent_stream share;
	struct agent_stream settle;
};

/* Tell and ask the agent all that is not on its way, with the callbacks set. */
void brief_give(struct brief *brief);

/* Is the log being read? */
bool brief_is_reading(const struct brief *brief);

/* End the log; log_ended() follows when all of it has come. */
void brief_end_log(struct brief *brief);

/* Have the host's folders mounted; shared() follows.  Returns 0 or -errno. */
int brief_share(struct brief *brief);

/*
 * Ask when the root's init has done its basic set-up; settled() follows, unless the
 * agent is lost meanwhile.  Asking twice does no harm.
 */
void brief_settle(struct brief *brief);

#endif
