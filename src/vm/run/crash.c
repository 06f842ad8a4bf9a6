// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "lib/macros.h"
#include "lib/xmalloc.h"
#include "vm/run/crash.h"
#include "vm/say.h"

static void crash_say_failed(int err)
{
	say("the machine's memory could not be written: %s", strerror(-err));
}

static void crash_dump_done(struct dump *dump, int err)
{
	struct crash *crash = container_of(dump, struct crash, dump);

	crash->dumped(crash, err);
	/* A client asked for it: the machine goes on. */
	if (!crash->machine->is_shut_down && !crash->verdict->facts.is_bitten)
		return;
	crash->is_dumped = !err;
	if (err)
		crash_say_failed(err);
	machine_stop(crash->machine);
}

void crash_init(struct crash *crash, const struct config *config,
		const char *dir)
{
	crash->may_dump = config_is_on(config, "VM_DUMP");
	crash->has_watchdog = config_is_on(config, "VM_WATCHDOG");
	crash->dump.done = crash_dump_done;
	dump_init(&crash->dump, crash->machine, dir);
}

bool crash_has_panicked(struct crash *crash)
{
	complaints_flush(crash->complaints);
	return verdict_has_panicked(crash->complaints, crash->machine);
}

void crash_shut_down(struct crash *crash)
{
	int err = 0;

	if (!crash_has_panicked(crash)) {
		machine_stop(crash->machine);
		return;
	}
	/* A dump that a client asked for serves as well. */
	if (!dump_is_on(&crash->dump))
		err = dump_begin(&crash->dump, "");
	if (err < 0) {
		crash_say_failed(err);
		machine_stop(crash->machine);
	}
}

void crash_watchdog(struct crash *crash)
{
	struct end_facts *facts = &crash->verdict->facts;

	if (!crash->has_watchdog || facts->is_bitten)
		return;
	facts->is_bitten = true;
	verdict_blame(crash->verdict,
		      xstrdup("the watchdog expired: no program of the guest fed it in time"));
	if (!crash->may_dump ||
	    (!dump_is_on(&crash->dump) && dump_begin(&crash->dump, "") < 0))
		machine_stop(crash->machine);
}
