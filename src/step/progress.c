// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "lib/clock.h"
#include "step/progress.h"

#define DRAW_PERIOD 200

static struct cost progress_cost(const struct progress *progress)
{
	return (struct cost){
		.units = progress->count.units,
		.seconds = (clock_ms() - progress->start) / 1000,
	};
}

void progress_begin(struct progress *progress, bool show)
{
	progress->line.fd = -1;
	if (show)
		line_open(&progress->line);
	progress->shown = progress->line.fd >= 0;
	cost_read(&progress->costs, progress->path, progress->recipe, progress->step);
	progress->start = clock_ms();
	/* Most steps end before: they shall not flicker by. */
	progress->next_draw = progress->start + DRAW_PERIOD;
}

void progress_count(struct progress *progress, const char *bytes, size_t size)
{
	count_bytes(&progress->count, bytes, size);
}

int progress_timeout(const struct progress *progress)
{
	long long left = progress->next_draw - clock_ms();

	if (!progress->shown)
		return -1;
	return left > 0 ? left : 0;
}

void progress_redraw(struct progress *progress)
{
	struct cost cost = progress_cost(progress);
	struct forecast forecast = cost_forecast(&progress->costs, cost, progress->again);
	struct line_facts facts = {
		.recipe = progress->recipe,
		.step = progress->step,
		.action = progress->count.action,
		.done = forecast.done,
		.total = forecast.total,
		.elapsed = cost.seconds,
		.left = forecast.left,
	};

	if (!progress->shown)
		return;
	line_draw(&progress->line, &facts);
	progress->next_draw = clock_ms() + DRAW_PERIOD;
}

void progress_draw(struct progress *progress)
{
	if (progress->shown && clock_ms() >= progress->next_draw)
		progress_redraw(progress);
}

void progress_pause(struct progress *progress)
{
	line_erase(&progress->line);
	progress->pause = clock_ms();
}

void progress_resume(struct progress *progress)
{
	progress->start += clock_ms() - progress->pause;
}

static void progress_keep_cost(struct progress *progress, struct cost cost, bool well)
{
	struct costs costs = progress->costs;

	cost_learn(&costs, cost, well, progress->again);
	/* If it cannot be kept, the next forecast is as good as this one. */
	if (memcmp(&costs, &progress->costs, sizeof(costs)))
		cost_write(&costs, progress->path);
}

void progress_end(struct progress *progress, bool well)
{
	struct cost cost = progress_cost(progress);

	if (progress->shown) {
		line_close(&progress->line);
		line_print(progress->recipe, progress->step, cost.seconds);
	}
	progress_keep_cost(progress, cost, well);
}
