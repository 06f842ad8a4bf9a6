// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <unistd.h>

#include "step/cost.h"
#include "test/lib/tap.h"

static struct cost cost(unsigned long units, unsigned long seconds)
{
	return (struct cost){ units, seconds };
}

static bool is_cost(struct cost got, unsigned long units, unsigned long seconds)
{
	if (got.units != units || got.seconds != seconds)
		printf("# got %lu units, %lu s\n", got.units, got.seconds);
	return got.units == units && got.seconds == seconds;
}

static void test_learn(void)
{
	struct costs costs = { .whole = { 9999, 9999 } };

	cost_learn(&costs, cost(1000, 100), true, false);
	ok(is_cost(costs.whole, 1000, 100), "the first run is the whole");

	cost_learn(&costs, cost(3, 2), true, true);
	ok(is_cost(costs.whole, 1000, 100), "a rerun of three files is not");
	ok(is_cost(costs.part, 3, 2), "but is known as a part");

	cost_learn(&costs, cost(500, 60), true, true);
	ok(is_cost(costs.whole, 500, 60), "a smaller configuration is a new whole");
	ok(is_cost(costs.part, 3, 2), "and no part");
}

static void test_continue(void)
{
	struct costs costs = { .whole = { 1280, 148 } };

	cost_learn(&costs, cost(600, 70), false, false);
	ok(is_cost(costs.whole, 1280, 148), "a run that broke off is not the whole");
	ok(cost_forecast(&costs, cost(1, 0), false).done == 601,
	   "the next run goes on where it was");
	cost_learn(&costs, cost(100, 10), false, false);
	cost_learn(&costs, cost(400, 50), true, false);
	ok(is_cost(costs.whole, 1100, 130), "all of them are the whole");
	ok(is_cost(costs.begun, 0, 0), "and nothing is left of them");
}

static void test_first_forecast(void)
{
	struct costs costs = { .whole = { 1000, 100 } };
	struct forecast forecast;

	forecast = cost_forecast(&costs, cost(0, 0), false);
	ok(!forecast.done && forecast.total == 1000 && forecast.left == 100,
	   "at first, as the last time");
	forecast = cost_forecast(&costs, cost(500, 50), false);
	ok(forecast.left == 50, "the same pace: half of it is left");
	forecast = cost_forecast(&costs, cost(500, 100), false);
	ok(forecast.left > 60 && forecast.left < 100, "slower: more");
	forecast = cost_forecast(&costs, cost(900, 1800), false);
	ok(forecast.left > 170 && forecast.left < 200, "at the end its own pace counts");
	forecast = cost_forecast(&costs, cost(1001, 90), false);
	ok(forecast.done == 1001 && !forecast.total && !forecast.left,
	   "more than the last time: nobody knows");
}

static void test_again_forecast(void)
{
	struct costs costs = { .whole = { 1000, 100 } };
	struct forecast forecast;

	forecast = cost_forecast(&costs, cost(1, 0), true);
	ok(!forecast.total && !forecast.left, "a rerun is not taken for a whole");
	forecast = cost_forecast(&costs, cost(250, 25), true);
	ok(forecast.total == 1000, "until it has done a quarter");

	costs.part = cost(10, 5);
	forecast = cost_forecast(&costs, cost(5, 2), true);
	ok(forecast.total == 10 && forecast.left == 2, "it is like the rerun before");
	forecast = cost_forecast(&costs, cost(11, 5), true);
	ok(!forecast.total, "until it has done more");

	costs = (struct costs){ .part = { 0, 9 }, .whole = { 1000, 100 } };
	forecast = cost_forecast(&costs, cost(0, 4), true);
	ok(!forecast.total && forecast.left == 5, "which may have had no unit");
}

static void test_without_units(void)
{
	struct costs costs = { .whole = { 0, 10 } };

	ok(cost_forecast(&costs, cost(0, 4), true).left == 6, "seconds alone will do");
	ok(!cost_forecast(&costs, cost(0, 11), true).left, "until they are over");
	ok(!cost_forecast(&costs, cost(3, 4), true).total, "units are a surprise then");
	cost_learn(&costs, cost(0, 7), true, true);
	ok(is_cost(costs.whole, 0, 7), "the last run is the one that counts");
}

static void test_file(void)
{
	char path[] = "/tmp/cost-XXXXXX";
	int fd = mkstemp(path);
	struct costs costs;
	FILE *file;

	ok(fd >= 0 && !close(fd), "a file for the costs");
	cost_read(&costs, path, "linux", "build");
	ok(costs.whole.units > 1000 && costs.whole.seconds > 60, "empty: the shipped ones");
	cost_read(&costs, path, "linux", "configure");
	ok(is_cost(costs.whole, 0, 0), "which not every step has");

	costs = (struct costs){ { 1, 2 }, { 3, 4 }, { 5, 6 } };
	ok(!cost_write(&costs, path), "written");
	costs = (struct costs){};
	cost_read(&costs, path, "linux", "build");
	ok(is_cost(costs.whole, 1, 2) && is_cost(costs.part, 3, 4) &&
	   is_cost(costs.begun, 5, 6), "and read");

	file = fopen(path, "we");
	if (file) {
		fputs("whole 99999999999999999999999 units -1 s, part x", file);
		fclose(file);
	}
	cost_read(&costs, path, "foo", "bar");
	ok(is_cost(costs.whole, 0, 0), "nonsense is nothing");
	unlink(path);
	ok(cost_write(&costs, "/nonexistent/cost") < 0, "a failed write is reported");
}

int main(void)
{
	test_learn();
	test_continue();
	test_first_forecast();
	test_again_forecast();
	test_without_units();
	test_file();
	return tap_done();
}
