// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lkc.h"

#include "asked.h"
#include "judge.h"
#include "menus.h"
#include "why.h"

static bool is_lost(const struct ask *ask)
{
	const char *value = menus_value(ask->sym);

	/* Kconfig takes 10 for 0x10. */
	if (ask->sym->type == S_HEX)
		return strtoull(value, NULL, 16) !=
			strtoull(ask->value, NULL, 16);
	return strcmp(value, ask->value);
}

/* What is wrong with a line, or NULL; 0 or -errno. */
static int judge(const struct ask *ask, char **ret_problem)
{
	const struct ask *rival;
	char *text = NULL;

	*ret_problem = NULL;
	if (ask->problem) {
		*ret_problem = strdup(ask->problem);
		return *ret_problem ? 0 : -ENOMEM;
	}
	if (ask->replaced)
		return 0;

	/* The second of two answers is named, beside the first. */
	rival = asked_rival(ask);
	if (rival) {
		if (rival->number < ask->number &&
		    asprintf(&text, "%s: a second answer to the same choice, beside %s of %s:%d",
			     ask->text, rival->text, rival->file,
			     rival->line) < 0)
			return -ENOMEM;
		*ret_problem = text;
		return 0;
	}
	if (!is_lost(ask))
		return 0;
	*ret_problem = why_lost(ask);
	return *ret_problem ? 0 : -ENOMEM;
}

int judge_all(const struct asked *asked, int layer)
{
	const struct ask *ask;
	int problems = 0;
	char *problem;
	int err;

	for (ask = asked->first; ask; ask = ask->next) {
		if (ask->layer < layer ||
		    (asked->is_own && ask->sym && !menus_prompt(ask->sym)))
			continue;
		err = judge(ask, &problem);
		if (err < 0)
			return err;
		if (!problem)
			continue;
		fprintf(stderr, "%s:%d: %s\n", ask->file, ask->line, problem);
		free(problem);
		problems++;
	}
	return problems;
}
