// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/str.h"
#include "step/cost.h"

/* As found with the default configuration on two processors. */
static const struct {
	const char *recipe;
	const char *step;
	struct cost whole;
} shipped[] = {
	{ "busybox", "build", { 637, 32 } },
	{ "linux", "build", { 1280, 148 } },
};

/* To be read and to be printed.  Nine digits cannot overflow. */
#define FORMAT "whole %9lu units %9lu s, part %9lu units %9lu s, begun %9lu units %9lu s\n"

static void cost_use_shipped(struct costs *costs, const char *recipe, const char *step)
{
	size_t i;

	for (i = 0; i < sizeof(shipped) / sizeof(*shipped); i++)
		if (!strcmp(shipped[i].recipe, recipe) && !strcmp(shipped[i].step, step))
			costs->whole = shipped[i].whole;
}

void cost_read(struct costs *ret, const char *path, const char *recipe, const char *step)
{
	FILE *file = fopen(path, "re");
	struct costs costs = {};
	int n = 0;

	if (file) {
		n = fscanf(file, FORMAT, &costs.whole.units,
			   &costs.whole.seconds, &costs.part.units,
			   &costs.part.seconds, &costs.begun.units,
			   &costs.begun.seconds);
		fclose(file);
	}
	if (n != 6)
		costs = (struct costs){};
	if (!costs.whole.units && !costs.whole.seconds)
		cost_use_shipped(&costs, recipe, step);
	*ret = costs;
}

int cost_write(const struct costs *costs, const char *path)
{
	char *text = str_printf(FORMAT, costs->whole.units, costs->whole.seconds,
				costs->part.units, costs->part.seconds,
				costs->begun.units, costs->begun.seconds);
	int err = file_write(path, text);

	free(text);
	return err;
}

static struct cost cost_add(struct cost a, struct cost b)
{
	a.units += b.units;
	a.seconds += b.seconds;
	return a;
}

static bool cost_is_whole(struct cost run, struct cost whole)
{
	return run.units >= whole.units / 4;
}

void cost_learn(struct costs *costs, struct cost run, bool well, bool again)
{
	run = cost_add(costs->begun, run);
	costs->begun = (struct cost){};

	if (!well)
		costs->begun = run;
	else if (!again || cost_is_whole(run, costs->whole))
		costs->whole = run;
	else
		costs->part = run;
}

/*
 * The time of the run that is the model, and more and more this run's own pace:
 * after a third of the work, it is one third of the guess.
 */
static unsigned long cost_seconds_left(struct cost run, struct cost model)
{
	double share, total;

	if (!model.units)
		return run.seconds < model.seconds ? model.seconds - run.seconds : 0;

	share = (double)run.units / model.units;
	total = (1 - share) * model.seconds + run.seconds;
	return total * (1 - share) + 0.5;
}

struct forecast cost_forecast(const struct costs *costs, struct cost run, bool again)
{
	struct forecast forecast = {};
	struct cost model = costs->whole;

	run = cost_add(costs->begun, run);
	forecast.done = run.units;

	if (again && run.units <= costs->part.units &&
	    (costs->part.units || costs->part.seconds))
		model = costs->part;
	else if (again && !cost_is_whole(run, model))
		return forecast;
	if (run.units > model.units)
		return forecast;

	forecast.total = model.units;
	forecast.left = cost_seconds_left(run, model);
	return forecast;
}
