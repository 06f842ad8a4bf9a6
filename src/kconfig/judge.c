// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lkc.h"

#include "kconfig/asked.h"
#include "kconfig/judge.h"
#include "kconfig/menus.h"
#include "kconfig/why.h"

static bool judge_is_lost(const struct asked_line *ask)
{
	const char *value = menus_value(ask->sym);

	/* For Kconfig 10 and 0x10 are the same hex value. */
	if (ask->sym->type == S_HEX)
		return strtoull(value, NULL, 16) !=
			strtoull(ask->value, NULL, 16);
	return strcmp(value, ask->value);
}

/* Find out what is wrong with a line, NULL: nothing.  Returns 0 or -errno. */
static int judge_line(const struct asked_line *ask, char **ret_problem)
{
	const struct asked_line *rival;
	char *text = NULL;

	*ret_problem = NULL;
	if (ask->problem) {
		*ret_problem = strdup(ask->problem);
		return *ret_problem ? 0 : -ENOMEM;
	}
	if (ask->replaced)
		return 0;

	/* Report the second of two answers, with the first one's place. */
	rival = asked_rival(ask);
	if (rival) {
		if (rival->number < ask->number &&
		    asprintf(&text, "%s: a second answer to the same choice, after %s of %s:%d",
			     ask->text, rival->text, rival->file,
			     rival->line) < 0)
			return -ENOMEM;
		*ret_problem = text;
		return 0;
	}
	if (!judge_is_lost(ask))
		return 0;
	*ret_problem = why_lost(ask);
	return *ret_problem ? 0 : -ENOMEM;
}

int judge_all(const struct asked *asked, int layer)
{
	const struct asked_line *ask;
	int problems = 0;
	char *problem;
	int err;

	for (ask = asked->first; ask; ask = ask->next) {
		if (ask->layer < layer ||
		    (asked->is_own && ask->sym && !menus_prompt(ask->sym)))
			continue;
		err = judge_line(ask, &problem);
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
