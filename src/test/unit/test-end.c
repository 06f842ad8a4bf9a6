// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of how a run ends: what was seen of it, and what that means.
 */
#include "lib/macros.h"
#include "test/lib/tap.h"
#include "vm/run/end.h"

#define UP .is_started = true, .is_up = true
#define RESULT(n) .has_result = true, .result = (n)

static const struct {
	const char *name;
	struct end_facts command; /* the facts with a command ... */
	const char *outcome;
	int status;
	const char *person_outcome; /* ... and the same without; NULL: not so */
	int person_status;
} table[] = {
	{ "QEMU could not be started", {},
	  "not-started", 125, "not-started", 125 },
	{ "it ended before the first word", { .is_started = true },
	  "not-up", 125, "not-up", 125 },
	{ "it ended after the first word", { UP },
	  "vanished", 255, "vanished", 255 },
	{ "the guest shut down early",
	  { .is_started = true, .is_clean = true },
	  "not-up", 125, "ended", 0 },
	{ "the guest shut down", { UP, .is_clean = true },
	  "vanished", 255, "ended", 0 },
	{ "... after a complaint", { UP, .is_clean = true, .splats = 1 },
	  "vanished", 255, "complained", 254 },
	{ "the user left", { UP, .is_left = true },
	  "stopped", 255, "left", 0 },
	{ "... after a complaint", { UP, .is_left = true, .splats = 1 },
	  "stopped", 255, "left", 0 },
	{ "a client stopped it", { UP, .is_stopped = true },
	  "stopped", 255, "stopped", 0 },
	{ "the limit passed", { UP, .is_timed_out = true },
	  "timed-out", 124, "timed-out", 124 },
	{ "... before the first word",
	  { .is_started = true, .is_timed_out = true },
	  "timed-out", 124, "timed-out", 124 },
	{ "... after a complaint",
	  { UP, .is_timed_out = true, .splats = 1 },
	  "timed-out", 124, "timed-out", 124 },
	{ "a panic", { UP, .is_panicked = true, .splats = 1 },
	  "panicked", 255, "panicked", 255 },
	{ "... before the first word",
	  { .is_started = true, .is_panicked = true },
	  "panicked", 255, "panicked", 255 },
	{ "... and then the limit",
	  { UP, .is_panicked = true, .is_timed_out = true },
	  "panicked", 255, "panicked", 255 },
	{ "... after the result", { UP, .is_panicked = true, RESULT(0) },
	  "panicked", 255, NULL, 0 },
	{ "the watchdog expired", { UP, .is_bitten = true },
	  "watchdog", 255, "watchdog", 255 },
	{ "... after a complaint", { UP, .is_bitten = true, .splats = 1 },
	  "watchdog", 255, "watchdog", 255 },
	{ "... and a panic", { UP, .is_bitten = true, .is_panicked = true },
	  "panicked", 255, "panicked", 255 },
	{ "the command ended with 0", { UP, RESULT(0) },
	  "passed", 0, NULL, 0 },
	{ "... with 3", { UP, RESULT(3) }, "failed", 3, NULL, 0 },
	{ "... with 0 and a complaint", { UP, RESULT(0), .splats = 1 },
	  "complained", 254, NULL, 0 },
	{ "... with 3 and a complaint", { UP, RESULT(3), .splats = 1 },
	  "failed", 3, NULL, 0 },
	{ "... with 0 and a failed test",
	  { UP, RESULT(0), .failed_tests = 1 }, "tests-failed", 1, NULL, 0 },
	{ "... with 0, a failed test and a complaint",
	  { UP, RESULT(0), .failed_tests = 1, .splats = 1 },
	  "complained", 254, NULL, 0 },
	{ "... with 3 and a failed test",
	  { UP, RESULT(3), .failed_tests = 1 }, "failed", 3, NULL, 0 },
	{ "... with 0, and the limit passed at the shutdown",
	  { UP, RESULT(0), .is_timed_out = true }, "passed", 0, NULL, 0 },
	{ "a signal", { UP, .sig = 15 },
	  "interrupted", 143, "interrupted", 143 },
	{ "... after the result", { UP, .sig = 2, RESULT(0) },
	  "interrupted", 130, NULL, 0 },
};

static void test_facts(const char *name, const struct end_facts *facts,
		       const char *outcome, int status)
{
	struct end end = end_of(facts);

	is_text(end.outcome, outcome, name);
	ok(end.status == status, "... and its status");
}

int main(void)
{
	struct end_facts facts;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		facts = table[i].command;
		facts.has_command = true;
		test_facts(table[i].name, &facts, table[i].outcome,
			   table[i].status);
		if (table[i].person_outcome)
			test_facts("... for a person", &table[i].command,
				   table[i].person_outcome,
				   table[i].person_status);
	}
	return tap_done();
}
