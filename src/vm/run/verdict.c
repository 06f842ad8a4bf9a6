// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/args/needs.h"
#include "vm/run/verdict.h"

void verdict_blame(struct verdict *verdict, char *cause)
{
	if (verdict->cause)
		free(cause);
	else
		verdict->cause = cause;
}

void verdict_set_result(struct verdict *verdict, int status)
{
	verdict->facts.has_result = true;
	verdict->facts.result = status;
}

bool verdict_has_panicked(const struct complaints *complaints,
			  const struct machine *machine)
{
	return complaints_title(complaints, "panic") || machine->is_panicked;
}

bool verdict_is_not_up(const struct verdict *verdict)
{
	const struct end_facts *facts = &verdict->facts;

	return facts->is_started && !facts->is_up && !facts->sig &&
	       !facts->is_timed_out && !facts->is_stopped;
}

static void verdict_gather(struct verdict *verdict,
			   const struct verdict_spec *spec)
{
	const struct machine *machine = spec->machine;
	struct end_facts *facts = &verdict->facts;

	complaints_flush(spec->complaints);
	facts->splats = complaints_count(spec->complaints);
	facts->is_panicked = verdict_has_panicked(spec->complaints, machine);
	facts->failed_tests = spec->tests->failed;
	if (!machine->is_asked && machine->is_shut_down && machine->by_guest)
		facts->is_clean |= verdict->said_restart ||
				   machine->is_powered_off;
	else if (!machine->is_asked && machine->is_ended)
		facts->is_left |= !machine->proc.status;
}

/* Why QEMU ended, if it is not we who ended it. */
static char *verdict_why_ended(const struct verdict *verdict,
			       const struct machine *machine)
{
	const struct end_facts *facts = &verdict->facts;
	char *end, *why;

	if (facts->has_result)
		return str_printf("the command ended with status %d",
				  facts->result);
	if (facts->sig)
		return str_printf("SIG%s came", sigabbrev_np(facts->sig));
	if (facts->is_clean && facts->has_command)
		return xstrdup("the guest shut down, and the command is lost");
	if (facts->is_clean)
		return xstrdup("the guest shut down");
	if (machine->is_shut_down && machine->by_guest)
		return xstrdup("the machine reset without a message, as after a triple fault");
	if (facts->is_left)
		return xstrdup("the user left");

	end = proc_end_text(machine->proc.status);
	why = str_printf("QEMU %s", end ? end : "failed");
	free(end);
	return why;
}

static char *verdict_make_why(const struct verdict *verdict,
			      const struct verdict_spec *spec)
{
	const struct complaints *complaints = spec->complaints;
	const char *panic = complaints_title(complaints, "panic");

	if (verdict->facts.is_panicked)
		return xstrdup(panic ? panic : "the kernel panicked");
	if (verdict->end.status == END_COMPLAINED && verdict->facts.splats)
		return str_printf("the kernel complained: %s",
				  complaints_title(complaints, NULL));
	if (verdict->cause)
		return xstrdup(verdict->cause);
	return verdict_why_ended(verdict, spec->machine);
}

/* Did its kernel run, until it ended itself or we gave up, without the agent's word? */
static bool verdict_is_mute(const struct verdict *verdict,
			    const struct machine *machine)
{
	const struct end_facts *facts = &verdict->facts;

	return (machine->is_asked || machine->is_shut_down) && !facts->is_up &&
	       !facts->sig && !facts->is_stopped && !facts->is_left;
}

/* A kernel that could not be checked before may lack what it needs. */
static char *verdict_add_needs(char *why, const struct plan *plan)
{
	static const char unknown[] =
		"no configuration of this kernel was found, and it must have built in";
	char *needs, *more;

	if (!plan->foreign || plan->foreign->config)
		return why;
	needs = needs_text(plan);
	more = str_printf("%s; %s: %s", why, unknown, needs);
	free(needs);
	free(why);
	return more;
}

void verdict_reach(struct verdict *verdict, const struct verdict_spec *spec)
{
	char *why;

	if (spec->complaints->watch)
		verdict_gather(verdict, spec);
	verdict->end = end_of(&verdict->facts);
	why = verdict_make_why(verdict, spec);
	if (verdict_is_mute(verdict, spec->machine))
		why = verdict_add_needs(why, spec->plan);
	free(verdict->cause);
	verdict->cause = why;
	verdict->why = why;
}

void verdict_fini(struct verdict *verdict)
{
	free(verdict->cause);
}
