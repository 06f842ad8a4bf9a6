// SPDX-License-Identifier: GPL-2.0-only
#include <linux/reboot.h>

#include "lib/macros.h"
#include "vm/run/power.h"

static void power_limit_passed(struct loop_timer *timer)
{
	machine_stop(container_of(timer, struct power, limit)->machine);
}

void power_init(struct power *power, struct loop *loop, struct agent *agent,
		struct machine *machine)
{
	*power = (struct power){
		.loop = loop,
		.agent = agent,
		.machine = machine,
		.limit.fire = power_limit_passed,
	};
}

void power_fini(struct power *power)
{
	if (power->loop)
		loop_timer_cancel(power->loop, &power->limit);
}

void power_set_limit(struct power *power, long long ms)
{
	loop_timer_set(power->loop, &power->limit, ms);
}

void power_off(struct power *power, long long ms)
{
	char data[4];

	if (power->stream.number || power->machine->is_asked)
		return;
	frame_put32(data, LINUX_REBOOT_CMD_RESTART);
	if (!power->agent->is_up ||
	    agent_ask(power->agent, &power->stream, FRAME_POWER, data,
		      sizeof(data)) < 0)
		ms = 0;
	power_set_limit(power, ms);
}
