/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verdict - how a run ended, from all that was seen of it
 *
 * The supervisor notes facts as they happen and the cause for which it ended the
 * machine.  verdict_reach() adds what QEMU and the kernel told and makes of it
 * an outcome and a sentence.
 *
 * struct verdict belongs to the caller, who frees it with verdict_fini().
 */
#ifndef VM_VERDICT_H
#define VM_VERDICT_H

#include "vm/args/plan.h"
#include "vm/qemu/machine.h"
#include "vm/run/complaints.h"
#include "vm/run/end.h"
#include "vm/watch/tests.h"

struct verdict {
	struct end_facts facts;
	char *cause; /* why we ended the machine; NULL: we did not */
	bool said_restart; /* the kernel announced that it restarts */

	/* Valid after verdict_reach(): */
	struct end end;
	const char *why; /* a sentence */
};

struct verdict_spec {
	const struct machine *machine;
	struct complaints *complaints;
	const struct tests *tests;
	const struct plan *plan; /* of the machine */
};

/* Note why the machine is ended; takes cause over.  Only the first counts. */
void verdict_blame(struct verdict *verdict, char *cause);

/* Note the status of the command, or of what we did instead of one. */
void verdict_set_result(struct verdict *verdict, int status);

/* The run is over: find how it ended. */
void verdict_reach(struct verdict *verdict, const struct verdict_spec *spec);
void verdict_fini(struct verdict *verdict);

/* Has the kernel panicked, by its own words or by its panic device? */
bool verdict_has_panicked(const struct complaints *complaints,
			  const struct machine *machine);

/* Did a machine not come up, though nobody and no limit of the user ended it? */
bool verdict_is_not_up(const struct verdict *verdict);

#endif
