// SPDX-License-Identifier: GPL-2.0-only
#include "vm/run/end.h"

static struct end end_of_command(const struct end_facts *facts)
{
	if (facts->result)
		return (struct end){ "failed", facts->result };
	if (facts->splats)
		return (struct end){ "complained", END_COMPLAINED };
	if (facts->failed_tests)
		return (struct end){ "tests-failed", END_TESTS_FAILED };
	return (struct end){ "passed", 0 };
}

struct end end_of(const struct end_facts *facts)
{
	if (facts->sig)
		return (struct end){ "interrupted", 128 + facts->sig };
	if (facts->is_panicked)
		return (struct end){ "panicked", END_VANISHED };
	if (facts->is_bitten)
		return (struct end){ "watchdog", END_VANISHED };
	if (facts->has_result)
		return end_of_command(facts);
	if (facts->is_timed_out)
		return (struct end){ "timed-out", END_TIMED_OUT };
	if (!facts->is_started)
		return (struct end){ "not-started", END_NOT_STARTED };

	if (!facts->has_command) {
		if (facts->is_left)
			return (struct end){ "left", 0 };
		if (facts->is_stopped)
			return (struct end){ "stopped", 0 };
		if (facts->is_clean && facts->splats)
			return (struct end){ "complained", END_COMPLAINED };
		if (facts->is_clean)
			return (struct end){ "ended", 0 };
	}
	if (!facts->is_up)
		return (struct end){ "not-up", END_NOT_STARTED };
	if (facts->is_stopped || facts->is_left)
		return (struct end){ "stopped", END_VANISHED };
	return (struct end){ "vanished", END_VANISHED };
}
