/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * power - shut the machine down, by the guest's agent if it can
 *
 * The agent restarts the kernel, which ends QEMU.  If the machine has not ended
 * when the time is up, or if there is no agent to ask, QEMU is stopped.
 *
 * struct power belongs to the caller; loop, agent and machine must outlive it.
 */
#ifndef VM_POWER_H
#define VM_POWER_H

#include "vm/link/agent.h"
#include "vm/qemu/machine.h"

struct power {
	struct loop *loop;
	struct agent *agent;
	struct machine *machine;
	struct agent_stream stream; /* the request to the agent */
	struct loop_timer limit;
};

void power_init(struct power *power, struct loop *loop, struct agent *agent,
		struct machine *machine);
void power_fini(struct power *power);

/* Shut the machine down within ms.  Does nothing if that has begun. */
void power_off(struct power *power, long long ms);

/* Stop QEMU if the machine has not ended in ms. */
void power_set_limit(struct power *power, long long ms);

#endif
