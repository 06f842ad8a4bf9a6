// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes on the console and in /dev/kmsg: nothing is written or read where
 * it should not be, what is kept is bounded and printable, and it does not
 * matter where the console's bytes are cut.  The first byte says how, and how long
 * the machine has run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/watch/splat.h"

#define must(holds) \
	do { \
		if (!(holds)) { \
			fprintf(stderr, "it must hold: %s\n", #holds); \
			abort(); \
		} \
	} while (0)

/* The name by which libFuzzer calls it. */
int fuzz(const unsigned char *data, size_t size)
	__asm__("LLVMFuzzerTestOneInput");

static struct splat_list *list;

static void open_list(void)
{
	char *why = NULL;

	if (splat_list_open(&list, "recipes/vm/splats", "recipes/vm/allowed",
			    &why) < 0) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text != '\n' && *text != '\t' &&
		    (*text < ' ' || *text > '~'))
			return false;
	return true;
}

static void check(const struct splat_watch *watch)
{
	struct splat splat;
	size_t i;

	must(splat_watch_count(watch) <= 64);
	for (i = 0; i < splat_watch_count(watch); i++) {
		splat_watch_get(watch, i, &splat);
		must(*splat.kind && *splat.title && *splat.report);
		must(splat.times && (splat.on_console || splat.in_kmsg));
		must(strlen(splat.report) <= 32 * 1024);
		must(is_printable(splat.title) && is_printable(splat.report));
	}
}

static struct splat_watch *hear(const char *text, size_t size, size_t part,
				unsigned long long clock)
{
	struct splat_watch *watch;
	size_t n;

	must(!splat_watch_open(&watch, list));
	splat_watch_clock(watch, clock);
	for (; size; text += n, size -= n) {
		n = part < size ? part : size;
		must(!splat_watch_console(watch, text, n));
	}
	must(!splat_watch_flush(watch));
	check(watch);
	return watch;
}

static void must_be_same(const struct splat_watch *one,
			 const struct splat_watch *two)
{
	struct splat a, b;
	size_t i;

	must(splat_watch_count(one) == splat_watch_count(two));
	must(splat_watch_lost(one) == splat_watch_lost(two));
	for (i = 0; i < splat_watch_count(one); i++) {
		splat_watch_get(one, i, &a);
		splat_watch_get(two, i, &b);
		must(!strcmp(a.title, b.title) && !strcmp(a.report, b.report));
		must(a.times == b.times && a.cut == b.cut);
	}
}

/* Each line is a record. */
static void read_kmsg(struct splat_watch *watch, const char *text, size_t size)
{
	const char *newline;
	size_t n;

	for (; size; text += n, size -= n) {
		newline = memchr(text, '\n', size);
		n = newline ? (size_t)(newline + 1 - text) : size;
		must(!splat_watch_kmsg(watch, text, n));
	}
	must(!splat_watch_flush(watch));
	check(watch);
}

int fuzz(const unsigned char *data, size_t size)
{
	const char *text = (const char *)data + 1;
	struct splat_watch *whole, *parts;
	unsigned long long clock;

	if (!size)
		return 0;
	if (!list)
		open_list();

	clock = data[0] % 4 * 60000000ULL;
	whole = hear(text, size - 1, size, clock);
	parts = hear(text, size - 1, 1 + data[0], clock);
	must_be_same(whole, parts);
	read_kmsg(parts, text, size - 1);
	splat_watch_close(parts);
	splat_watch_close(whole);
	return 0;
}
