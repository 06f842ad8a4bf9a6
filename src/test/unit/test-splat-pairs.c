// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two reports at the same time: random pairs out of src/test/corpus/consoles, mixed line
 * by line, 400 of them with and without the callers' names.  With names both are
 * found, as they were alone.  Without them nobody can tell whose a line is; but a
 * report must not be lost where its own words say that it is another one.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/str.h"
#include "test/lib/tap.h"
#include "vm/watch/splat.h"

#define CONSOLES "src/test/corpus/consoles"
#define REPORTS 200
#define SEEDS 400

struct told {
	char *kind;
	char *title; /* as it is found alone */
	char *text;
	char *const *lines;
	size_t count;
};

static struct splat_list *list;
static struct told told[REPORTS];
static size_t count;

/* Knuth's MMIX: the same numbers on each machine */
static unsigned long long state;

static unsigned int draw(unsigned int below)
{
	state = state * 6364136223846793005 + 1442695040888963407;
	return (state >> 33) % below;
}

static struct splat_watch *watch_open(void)
{
	struct splat_watch *watch;

	if (splat_watch_open(&watch, list) < 0)
		abort();
	splat_watch_console(watch, "[    0.000000] Linux version 6.12\n", 34);
	return watch;
}

/* One line, at a time of its own, of the first or the second of two tasks. */
static void say(struct splat_watch *watch, int *time, int caller,
		const char *line)
{
	char *text;

	*time += 7;
	if (caller)
		text = str_printf("[%5d.%06d][%5s%d] %s\n", 1, *time, "T10",
				  caller, line);
	else
		text = str_printf("[%5d.%06d] %s\n", 1, *time, line);
	splat_watch_console(watch, text, strlen(text));
	free(text);
}

static bool is_found(struct splat_watch *watch, const struct told *one,
		     size_t len)
{
	struct splat splat;
	size_t i;

	for (i = 0; i < splat_watch_count(watch); i++) {
		splat_watch_get(watch, i, &splat);
		if (!strcmp(splat.kind, one->kind) &&
		    (len ? !strncmp(splat.title, one->title, len) :
			   !strcmp(splat.title, one->title)))
			return true;
	}
	return false;
}

static char **split(char *text, size_t *ret)
{
	char **lines = calloc(strlen(text) + 1, sizeof(*lines));
	char *line;

	*ret = 0;
	while ((line = strsep(&text, "\n")))
		if (text)
			lines[(*ret)++] = line;
	return lines;
}

/* Keep the report if it is one finding when it is told alone. */
static void keep(const struct splat *splat)
{
	struct splat_watch *watch = watch_open();
	struct told *one = &told[count];
	struct splat alone;
	int time = 0;
	size_t i;

	one->text = strdup(splat->report);
	one->lines = split(one->text, &one->count);
	for (i = 0; i < one->count; i++)
		say(watch, &time, 0, one->lines[i]);
	splat_watch_flush(watch);
	if (splat_watch_count(watch) == 1 && count < REPORTS - 1) {
		splat_watch_get(watch, 0, &alone);
		one->kind = strdup(alone.kind);
		one->title = strdup(alone.title);
		count++;
	} else {
		free((void *)one->lines);
		free(one->text);
	}
	splat_watch_close(watch);
}

static int by_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void read_console(const char *name)
{
	char *path = str_printf(CONSOLES "/%s", name);
	struct splat_watch *watch;
	char *console, *says;
	struct splat splat;
	size_t i;

	if (splat_watch_open(&watch, list) < 0 ||
	    file_read(&console, path) < 0)
		abort();
	for (says = console; *says == '#'; says += strcspn(says, "\n") + 1)
		;
	splat_watch_console(watch, says, strlen(says));
	splat_watch_flush(watch);
	for (i = 0; i < splat_watch_count(watch); i++) {
		splat_watch_get(watch, i, &splat);
		keep(&splat);
	}
	splat_watch_close(watch);
	free(console);
	free(path);
}

static void read_consoles(void)
{
	struct dirent **entries;
	int i, n = scandir(CONSOLES, &entries, by_name, alphasort);

	for (i = 0; i < n; i++) {
		read_console(entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

/* The pair of this seed; two of one title are one finding, so they are no pair. */
static void choose(int seed, const struct told *pair[2])
{
	state = seed;
	draw(1);
	pair[0] = &told[draw(count)];
	do {
		pair[1] = &told[draw(count)];
	} while (!strcmp(pair[0]->title, pair[1]->title));
}

/* Line by line in turn, or as it happens. */
static struct splat_watch *mix(const struct told *const pair[2], bool named,
			       bool in_turn)
{
	struct splat_watch *watch = watch_open();
	size_t at[2] = {};
	int time = 0;
	int who;

	while (at[0] < pair[0]->count || at[1] < pair[1]->count) {
		who = in_turn ? at[0] > at[1] : draw(2);
		if (at[who] == pair[who]->count)
			who = !who;
		say(watch, &time, named ? who + 1 : 0,
		    pair[who]->lines[at[who]++]);
	}
	splat_watch_flush(watch);
	return watch;
}

static void test_named(bool in_turn)
{
	const struct told *pair[2];
	struct splat_watch *watch;
	int seed, good = 0;

	for (seed = 0; seed < SEEDS; seed++) {
		choose(seed, pair);
		watch = mix(pair, true, in_turn);
		if (splat_watch_count(watch) == 2 &&
		    is_found(watch, pair[0], 0) && is_found(watch, pair[1], 0))
			good++;
		else
			printf("# seed %d: %s + %s\n", seed, pair[0]->title,
			       pair[1]->title);
		splat_watch_close(watch);
	}
	printf("# with callers: %d of %d pairs are told apart\n", good, SEEDS);
	ok(good == SEEDS, "with callers all pairs are told apart");
}

/*
 * The length of the title without the function, or the message of a panic in Rust,
 * which another's line may have told.
 */
static size_t words_len(const struct told *one)
{
	const char *end = strcmp(one->kind, "rust") ? " in " : ": ";
	size_t len = strlen(one->title);
	const char *at;

	for (at = one->title; (at = strstr(at, end)); at++)
		len = at - one->title;
	return len;
}

/*
 * A BUG() or a WARN() is taken for that of a report which is followed by one, or
 * stands behind "cut here", and a trace without words for that of any report;
 * nobody can know better.
 */
static bool is_lost_in(const struct told *lost, const struct told *other)
{
	static const char kinds[] =
		" list usercopy fortify refcount object slab page stack cfi rust ";
	char *kind = str_printf(" %s ", other->kind);
	bool takes = strstr(kinds, kind) ||
		     strstr(other->text, "------------[ cut here ]");

	free(kind);
	if (!strcmp(lost->kind, "trace"))
		return true;
	/* What KASAN makes of an address may be of either's. */
	if (!strcmp(lost->kind, "oops") && !strncmp(other->title, "KASAN: ", 7))
		return true;
	return takes && (!strcmp(lost->kind, "oops") ||
			 !strcmp(lost->kind, "warn"));
}

static void test_unnamed(bool in_turn)
{
	const struct told *pair[2];
	struct splat_watch *watch;
	int lost = 0, wrong = 0;
	int seed, i;

	for (seed = 0; seed < SEEDS; seed++) {
		choose(seed, pair);
		watch = mix(pair, false, in_turn);
		for (i = 0; i < 2; i++)
			if (!is_found(watch, pair[i], words_len(pair[i])))
				break;
		lost += i < 2;
		if (i < 2 && !is_lost_in(pair[i], pair[!i])) {
			wrong++;
			printf("# seed %d: %s is lost in %s\n", seed,
			       pair[i]->title, pair[!i]->title);
		}
		splat_watch_close(watch);
	}
	printf("# without: %d of %d pairs lose one\n", lost, SEEDS);
	ok(!wrong, "without callers none is lost in what takes no other");
	ok(lost <= SEEDS / 20, "... and few are in what does");
}

int main(void)
{
	char *why;
	int in_turn;
	size_t i;

	if (splat_list_open(&list, "recipes/vm/splats", "recipes/vm/allowed",
			    &why) < 0) {
		printf("Bail out!  %s\n", why);
		return 1;
	}
	read_consoles();
	printf("# %zu reports\n", count);
	ok(count > 100, "there are reports");
	for (in_turn = 0; in_turn < 2; in_turn++) {
		printf("# lines %s\n", in_turn ? "in turn" : "at random");
		test_named(in_turn);
		test_unnamed(in_turn);
	}
	for (i = 0; i < count; i++) {
		free(told[i].kind);
		free(told[i].title);
		free((void *)told[i].lines);
		free(told[i].text);
	}
	splat_list_close(list);
	return tap_done();
}
