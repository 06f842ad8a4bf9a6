// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the watch finds in whole consoles, src/test/corpus/consoles/NAME: their lines
 * "# want: KIND: TITLE" say what it must find, in this order, and nothing else; with
 * " (N times)" after it if it was reported more than once.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/macros.h"
#include "lib/str.h"
#include "test/lib/tap.h"
#include "vm/watch/splat.h"

#define CONSOLES "src/test/corpus/consoles"
#define BLANKS "  " /* at the end of a line */

static struct splat_list *list;

static struct splat_watch *watch_open(void)
{
	struct splat_watch *watch;

	if (splat_watch_open(&watch, list) < 0)
		abort();
	return watch;
}

/* Adds one line to *text. */
static void add_line(char **text, const char *kind, const char *title)
{
	char *longer = str_printf("%s%s%s%s\n", *text ? *text : "", kind,
				  *kind ? ": " : "", title);

	free(*text);
	*text = longer;
}

/* What the watch found, as the consoles say what they want. */
static char *found(struct splat_watch *watch)
{
	char *text = strdup("");
	struct splat splat;
	char *title;
	size_t i;

	splat_watch_flush(watch);
	for (i = 0; i < splat_watch_count(watch); i++) {
		splat_watch_get(watch, i, &splat);
		title = splat.times == 1 ?
			strdup(splat.title) :
			str_printf("%s (%lu times)", splat.title, splat.times);
		add_line(&text, splat.kind, title);
		free(title);
	}
	return text;
}

static char *found_in(const char *console, size_t len, size_t part)
{
	struct splat_watch *watch = watch_open();
	size_t at, n;
	char *text;

	for (at = 0; at < len; at += n) {
		n = part < len - at ? part : len - at;
		splat_watch_console(watch, console + at, n);
	}
	text = found(watch);
	splat_watch_close(watch);
	return text;
}

static char *wanted(const char *console)
{
	static const char mark[] = "# want: ";
	char *text = strdup("");
	const char *at = console;
	char *title;

	while ((at = strstr(at, mark))) {
		at += strlen(mark);
		title = strndup(at, strcspn(at, "\r\n"));
		add_line(&text, "", title);
		free(title);
	}
	return text;
}

static void test_console(const char *name)
{
	static const size_t parts[] = { 1, 2, 7, 61, 4096, 1 << 20 };
	char *path = str_printf(CONSOLES "/%s", name);
	char *console, *says, *want, *got, *promise;
	size_t i;

	if (file_read(&console, path) < 0) {
		ok(false, path);
		goto out_free_path;
	}
	want = wanted(console);
	for (says = console; *says == '#'; says += strcspn(says, "\n") + 1)
		;
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		got = found_in(says, strlen(says), parts[i]);
		promise = str_printf("%s in parts of %zu", name, parts[i]);
		is_text(got, want, promise);
		free(promise);
		free(got);
	}
	free(want);
	free(console);
out_free_path:
	free(path);
}

static int by_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void test_consoles(void)
{
	struct dirent **entries;
	int i, count = scandir(CONSOLES, &entries, by_name, alphasort);

	ok(count > 0, "there are consoles");
	for (i = 0; i < count; i++) {
		test_console(entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static void say(struct splat_watch *watch, const char *text)
{
	splat_watch_console(watch, text, strlen(text));
}

static void record(struct splat_watch *watch, const char *text)
{
	splat_watch_kmsg(watch, text, strlen(text));
}

static void test_two_ways(void)
{
	struct splat_watch *watch = watch_open();
	struct splat splat;

	say(watch, "[    0.000000] Linux version 6.12\r\n"
		   "[    1.000000] BUG: Bad page state in process a  pfn:00001\r\n"
		   "[    4.000000] BUG: kernel NULL pointer dereference, address: 08\r\n"
		   "[    4.000001] RIP: 0010:one+0x1/0x2 [mod]\r\n"
		   "[    4.000002] Kernel panic - not syncing: Fatal exception\r\n");
	record(watch, "1,100,1000000,-;BUG: Bad page state in process a  pfn:00001\n S=x\n");
	record(watch, "1,101,4000000,-;BUG: kernel NULL pointer dereference, address: 08\n");
	splat_watch_flush(watch);

	ok(splat_watch_count(watch) == 3, "two ways, one list");
	splat_watch_get(watch, 0, &splat);
	ok(splat.on_console && splat.in_kmsg && splat.times == 1,
	   "told on both ways, it is once");
	splat_watch_get(watch, 1, &splat);
	is_text(splat.title,
		"BUG: kernel NULL pointer dereference, address: N in one [mod]",
		"a report that /dev/kmsg has a part of is the console's");
	ok(splat.on_console && splat.in_kmsg && splat.times == 1,
	   "... and once");
	splat_watch_get(watch, 2, &splat);
	is_text(splat.kind, "panic", "a panic is a report of its own");
	ok(!splat.in_kmsg, "... which nobody read from /dev/kmsg any more");
	splat_watch_close(watch);
}

static void test_times(void)
{
	static const char log[] =
		"[    1.000000] BUG: Bad page state in process a  pfn:00001\r\n"
		"[    4.000000] BUG: Bad page state in process a  pfn:00abc\r\n";
	struct splat_watch *watch = watch_open();
	struct splat splat;

	say(watch, "[    0.000000] Linux version 6.12\r\n");
	say(watch, log);
	splat_watch_flush(watch);
	say(watch, "kiln:~# dmesg\r\n");
	say(watch, log);
	splat_watch_flush(watch);
	ok(splat_watch_count(watch) == 1, "numbers do not make another title");
	splat_watch_get(watch, 0, &splat);
	ok(splat.times == 2, "the log that a command prints does not count");
	is_text(splat.report, "BUG: Bad page state in process a  pfn:00001\n",
		"the report is the first one");
	splat_watch_close(watch);
}

/* A log of a later time is typed, then the kernel has an oops of its own. */
static void test_clock(void)
{
	static const char oops[] =
		"[    6.500000] BUG: kernel NULL pointer dereference, address: 08\n"
		"[    6.500001] Oops: 0002 [#1] SMP\n"
		"[    6.500002] RIP: 0010:ours+0x1/0x2 [mod]\n";
	static const char other[] =
		"[   60.000000] BUG: kernel NULL pointer dereference, address: 08\n"
		"[   60.000001] Oops: 0002 [#1] SMP\n"
		"[   60.000002] RIP: 0010:theirs+0x1/0x2 [mod]\n";
	struct splat_watch *watch = watch_open();
	struct splat splat;

	splat_watch_clock(watch, 5000000);
	say(watch, "[    0.000000] Linux version 6.12\n[    5.900000] up\n");
	splat_watch_clock(watch, 6000000);
	say(watch, other);
	splat_watch_clock(watch, 7000000);
	say(watch, oops);
	splat_watch_flush(watch);
	ok(splat_watch_count(watch) == 1, "a log of a later time does not count");
	splat_watch_get(watch, 0, &splat);
	is_text(splat.title,
		"BUG: kernel NULL pointer dereference, address: N in ours [mod]",
		"... and hides nothing");
	splat_watch_close(watch);

	watch = watch_open();
	say(watch, "[    0.000000] Linux version 6.12\n");
	say(watch, other);
	splat_watch_flush(watch);
	ok(splat_watch_count(watch) == 1, "without a clock it is the kernel's");
	splat_watch_close(watch);
}

/* A guest that measured its clock badly, by 1 in 100, and one that is found out. */
static void test_drift(void)
{
	struct splat_watch *watch = watch_open();
	char line[100];
	int i;

	for (i = 1; i <= 100; i++) {
		splat_watch_clock(watch, i * 100000000ULL);
		snprintf(line, sizeof(line), "[%5d.000000] BUG: Bad page cache in process a\n",
			 i * 101);
		say(watch, line);
	}
	splat_watch_flush(watch);
	ok(splat_watch_count(watch) == 1, "a clock may run a little fast");
	ok(!splat_watch_lost(watch), "... for hours");
	say(watch, "[20000.000000] BUG: ahead\n");
	splat_watch_flush(watch);
	ok(splat_watch_count(watch) == 1, "but not more than that");
	record(watch, "6,1,20000000000,-;a line\n");
	say(watch, "[20000.000000] BUG: ahead\n");
	splat_watch_flush(watch);
	ok(splat_watch_count(watch) == 2, "unless /dev/kmsg says so");
	splat_watch_close(watch);
}

/* 100 ms, and not one more. */
static void test_behind(void)
{
	struct splat_watch *watch = watch_open();

	say(watch, "[    0.000000] Linux version 6.12\n"
		   "[    2.000000] a line\n"
		   "[    1.900000] BUG: of a slow processor\n"
		   "[    1.899999] BUG: of a log\n"
		   "[    2.000000] a line\n"
		   "[    2.000000] BUG: at the same time\n");
	splat_watch_flush(watch);
	ok(splat_watch_count(watch) == 2, "lines may change places, a little");
	splat_watch_close(watch);
}

static void test_forms(void)
{
	struct splat_watch *watch = watch_open();
	struct splat splat;

	say(watch, "[    0.000000] Linux version 6.12\n"
		   "\033[32m[    1.000000] \033[0m\033[31mBUG: \033[1min colours\033[0m\n"
		   "[    3.000000] ====================================" BLANKS "\n"
		   "[    3.000001] BUG: KASAN: slab-out-of-bounds in fill+0x3b/0x50\n"
		   "[    3.000002] ====================================" BLANKS "\n"
		   "[    3.000003] a line of another's\n"
		   "[    5.000000] BUG: Bad rss-counter state mm:1 type:MM_FILE val:2\n"
		   "[    5.000001] a line of another's\n"
		   "[    9.000000][   T12] [drm] BUG: not a caller\n"
		   "[    9.100000] [drm] a line\n");
	splat_watch_flush(watch);
	ok(splat_watch_count(watch) == 3, "lines in other forms");
	splat_watch_get(watch, 0, &splat);
	is_text(splat.report, "BUG: in colours\n", "colours are no part of it");
	splat_watch_get(watch, 1, &splat);
	is_text(splat.report, "====================================" BLANKS "\n"
		"BUG: KASAN: slab-out-of-bounds in fill+0x3b/0x50\n"
		"====================================" BLANKS "\n",
		"a bar may have blanks at its end");
	splat_watch_get(watch, 2, &splat);
	is_text(splat.report,
		"BUG: Bad rss-counter state mm:1 type:MM_FILE val:2\n",
		"a complaint of one line keeps nothing else");
	splat_watch_close(watch);
}

/* Lines without words are no reason to think that a head is over. */
static void test_empty(void)
{
	struct splat_watch *watch = watch_open();
	int i;

	say(watch, "[    1.000000] list_del corruption, next is LIST_POISON1\n");
	for (i = 0; i < 20; i++)
		say(watch, "[    1.000001]\n");
	say(watch, "[    1.000002] ------------[ cut here ]------------\n"
		   "[    1.000003] kernel BUG at lib/list_debug.c:27!\n"
		   "[    1.000004] invalid opcode: 0000 [#1] SMP\n");
	splat_watch_flush(watch);
	ok(splat_watch_count(watch) == 1, "empty lines do not end a head");
	splat_watch_close(watch);
}

static void test_user(void)
{
	struct splat_watch *watch = watch_open();
	struct splat splat;

	say(watch, "[    0.000000] Linux version 6.12\r\n"
		   "kiln:~# echo BUG: I am no kernel\r\n"
		   "BUG: I am no kernel\r\n"
		   "kiln:~# echo BUG: nor am I >/dev/kmsg\r\n"
		   "[    1.000000] BUG: nor am I\r\n"
		   "[    3.000000] BUG: I am\r\n"
		   "kiln:~# echo BUG: I am >/dev/kmsg\r\n"
		   "[    9.000000] BUG: I am\r\n");
	record(watch, "12,100,1000000,-;BUG: nor am I\n");
	record(watch, "12,102,9000000,-;BUG: I am\n");
	splat_watch_flush(watch);
	ok(splat_watch_count(watch) == 1, "what processes write is no report");
	splat_watch_get(watch, 0, &splat);
	ok(!strcmp(splat.title, "BUG: I am") && splat.times == 1,
	   "... and hides none");
	splat_watch_close(watch);
}

static void test_kmsg(void)
{
	struct splat_watch *watch = watch_open();
	struct splat splat;

	record(watch, "");
	record(watch, ";");
	record(watch, "BUG: no head\n");
	record(watch, "4,1;BUG: half a head\n");
	record(watch, "4,1,2,-,caller=T1;a line\\x0aBUG: second \\x1b[31mline\\x0a\n");
	record(watch, "4,2,3,-,caller=T2;WARNING: CPU: 0 PID: 1 at fs/x.c:1 open+0x1/0x2");
	record(watch, "4,3,4,-,caller=T2;RAX: 1");
	record(watch, "4,4,5,-,caller=T1;of T1");
	splat_watch_flush(watch);
	ok(splat_watch_count(watch) == 2, "records of /dev/kmsg");
	splat_watch_get(watch, 0, &splat);
	is_text(splat.report, "BUG: second ?[31mline\n\nof T1\n",
		"lines of one record, and no bytes that a terminal acts on");
	splat_watch_get(watch, 1, &splat);
	is_text(splat.title, "WARNING: CPU: N PID: N at fs/x.c:1 open",
		"callers are kept apart");
	splat_watch_close(watch);
}

static void test_bounds(void)
{
	struct splat_watch *watch = watch_open();
	struct splat splat;
	char line[4096];
	int i, j;

	say(watch, "[    0.000000] Linux version 6.12\r\n");
	for (i = 0; i < 300; i++) {
		snprintf(line, sizeof(line), "[%5d.000000] BUG: %c%c\n",
			 i * 10 + 1, 'a' + i % 26, 'a' + i / 26);
		say(watch, line);
		for (j = 0; j < 300; j++) {
			snprintf(line, sizeof(line), "[%5d.%06d] %0500d\n",
				 i * 10 + 1, j, j);
			say(watch, line);
		}
	}
	splat_watch_flush(watch);
	ok(splat_watch_count(watch) == 64, "so many reports are kept");
	ok(splat_watch_lost(watch) == 300 - 64, "the others are counted");
	splat_watch_get(watch, 63, &splat);
	ok(splat.cut && strlen(splat.report) <= 32 * 1024,
	   "a long report is cut");
	splat_watch_close(watch);

	watch = watch_open();
	memset(line, 'x', sizeof(line));
	for (i = 0; i < 1000; i++)
		splat_watch_console(watch, line, sizeof(line));
	say(watch, "[    1.000000] BUG: behind a line without an end");
	splat_watch_flush(watch);
	ok(splat_watch_count(watch) == 1, "4 MB without a newline");
	splat_watch_close(watch);
}

static void test_cut(void)
{
	struct splat_watch *watch = watch_open();
	struct splat splat;

	say(watch, "[    1.000000] ------------[ cut here ]------------\n"
		   "[    1.000000] the message\n"
		   "[    1.000000] WARNING: CPU: 1 PID: 2 at kernel/x.c:3 fn+0x4/0x5\n"
		   "[    1.000000] Modules linked");
	splat_watch_flush(watch);
	ok(splat_watch_count(watch) == 1, "a report without its end");
	splat_watch_get(watch, 0, &splat);
	ok(splat.cut, "... is known as cut");
	is_text(splat.report, "------------[ cut here ]------------\n"
		"the message\n"
		"WARNING: CPU: 1 PID: 2 at kernel/x.c:3 fn+0x4/0x5\n"
		"Modules linked\n", "... and is there up to its last letter");
	splat_watch_close(watch);
}

/* Hears 8 MB of this; it must not take much longer than reading does. */
static void flood(const char *name, const char *part)
{
	char *promise = str_printf("8 MB of %s take less than 8 s", name);
	struct splat_watch *watch = watch_open();
	clock_t start = clock();
	size_t said;

	for (said = 0; said < 8 << 20; said += strlen(part))
		say(watch, part);
	splat_watch_flush(watch);
	ok(clock() - start < 8 * CLOCKS_PER_SEC, promise);
	printf("# %.2f s of CPU\n",
	       (double)(clock() - start) / CLOCKS_PER_SEC);
	splat_watch_close(watch);
	free(promise);
}

static void test_flood(void)
{
	flood("lines", "[    1.000000] a line as the kernel prints many\n");
	flood("reports", "[    1.000000] BUG: Bad page state in process a\n");
	flood("bars", "====================================\n");
	flood("half words", "[# bad pgd: : : %s%s%s x");
	flood("brackets", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[");
	flood("digits", "[1111111111111111111111111111111111111");
}

/* The list is opened from this text; the sentence must have the words. */
static void list_says(const char *splats, const char *allowed, int want,
		      const char *words)
{
	char splats_path[] = "/tmp/test-splat.XXXXXX";
	char allowed_path[] = "/tmp/test-splat.XXXXXX";
	struct splat_list *bad = NULL;
	char *why = NULL;
	int err;

	close(mkstemp(splats_path));
	close(mkstemp(allowed_path));
	if (file_write(splats_path, splats) < 0 ||
	    file_write(allowed_path, allowed) < 0)
		abort();
	err = splat_list_open(&bad, splats_path, allowed_path, &why);
	ok(err == want && !bad == !!want && (!want || strstr(why, words)),
	   words);
	if (want && !strstr(why, words))
		printf("# %s\n", why);
	splat_list_close(bad);
	free(why);
	unlink(splats_path);
	unlink(allowed_path);
}

static void test_lists(void)
{
	struct splat_list *bad = NULL;
	char *why;

	ok(splat_list_open(&bad, "/nonexistent", "recipes/vm/allowed", &why) ==
	   -ENOENT && strstr(why, "/nonexistent"), "a list that is missing");
	free(why);
	ok(splat_list_open(&bad, "recipes/vm/splats", "/nonexistent", &why) ==
	   -ENOENT && strstr(why, "/nonexistent"), "the other one");
	free(why);

	list_says("bug\tBUG: %s\treason\n", "", 0, "a list of one line");
	list_says("# only a comment\n", "", -EINVAL, "names nothing");
	list_says("bug\tBUG:\treason\n\nbug\tOops:\n", "", -EINVAL,
		  ":3: there is no reason");
	list_says("bug\n", "", -EINVAL, "too few columns");
	list_says("bug\tBUG:\treason\tmore\n", "", -EINVAL, "too many columns");
	list_says("bug\tBUG: %q\treason\n", "", -EINVAL, "after a %");
	list_says("bug\tBUG: %\treason\n", "", -EINVAL, "after a %");
	list_says("bug\tBUG: %s%s\treason\n", "", -EINVAL, "between %s");
	list_says("bug\tBUG: %d1\treason\n", "", -EINVAL, "follows a number");
	list_says("bug\t%s %d\treason\n", "", -EINVAL, "three letters");
	list_says("bug\tBUG: %d %d %d %d %d %d %d %d %d\treason\n", "", -EINVAL,
		  "too many numbers");
	list_says("bug\tBUG:\treason\n", "BUG: x\n", -EINVAL, "no reason");
}

int main(void)
{
	char *why;

	if (splat_list_open(&list, "recipes/vm/splats", "recipes/vm/allowed",
			    &why) < 0) {
		printf("Bail out!  %s\n", why);
		return 1;
	}
	test_consoles();
	test_two_ways();
	test_times();
	test_clock();
	test_drift();
	test_behind();
	test_forms();
	test_empty();
	test_user();
	test_kmsg();
	test_bounds();
	test_cut();
	test_flood();
	test_lists();
	splat_list_close(list);
	return tap_done();
}
