// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>
#include <string.h>

#include "lib/macros.h"
#include "results/verdict.h"

static const struct verdict verdicts[] = {
	{ "passed", "passed", "PASS", true, true },
	{ "warns", NULL, "PASS", true, true },
	{ "skipped", NULL, "SKIP", true, true },
	{ "known", NULL, "FAIL", true, true },
	{ "fails", NULL, "FAIL", false, true },
	{ "crashes", NULL, "FAIL", false, true },
	{ "never ran", NULL, "ERROR", false, true },
	{ "splat", "complained", "FAIL", false, true },
	{ "panic", "panicked", "FAIL", false, true },
	{ "hangs", "timed-out", "FAIL", false, true },
	{ "not up", "not-up", "FAIL", false, true },
	{ "no machine", NULL, "MISS", false, true },
	{ "no build", NULL, "FAIL", false, false },
	{ "no apply", NULL, "FAIL", false, false },
};

const struct verdict *verdict_find(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verdicts); i++)
		if (!strcmp(verdicts[i].word, word))
			return &verdicts[i];
	return NULL;
}

const struct verdict *verdict_of_outcome(const char *outcome)
{
	size_t i;

	if (!strcmp(outcome, "interrupted") || !strcmp(outcome, "not-started"))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(verdicts); i++)
		if (verdicts[i].outcome && !strcmp(verdicts[i].outcome, outcome))
			return &verdicts[i];
	return verdict_find("fails");
}
