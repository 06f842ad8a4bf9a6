// SPDX-License-Identifier: GPL-2.0-only
/*
 * newer - lists what changed in a tree since a file was written
 *
 *	newer [-t] FILE TREE [EXCEPT...]
 *
 * -t puts the time of the change before each, as seconds since 1970, and above all
 * the time of the search: what changes once that has begun is later.
 *
 * What counts is the time of the last change of an inode, which cp -p, mv and
 * touch -d cannot set back; a folder's tells of files that went.  TREE's .git
 * is left out, for git writes there when one only looks, and so is each path in
 * EXCEPT.
 *
 * Almost all of the time is the kernel's, which looks up one file after the other;
 * so as many processes as there are processors share the folders of TREE's folders.
 */
#include <errno.h>
#include <fts.h>
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int fail(const char *path, int err)
{
	fprintf(stderr, "newer: %s: %s\n", path, strerror(err));
	return EXIT_FAILURE;
}

static bool is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec > b->tv_sec ||
	       (a->tv_sec == b->tv_sec && a->tv_nsec > b->tv_nsec);
}

/* What is looked for, and which of how many shares of it */
struct search {
	char *tree;
	char **except;
	struct timespec since;
	bool with_time;
	unsigned int share;
	unsigned int shares;
};

static bool is_excepted(const struct search *search, const FTSENT *entry)
{
	char **except = search->except;

	if (entry->fts_level == 1 && !strcmp(entry->fts_name, ".git"))
		return true;

	for (; *except; except++)
		if (!strcmp(entry->fts_path, *except))
			return true;

	return false;
}

/* Down to the folders that are shared out all processes walk. */
#define SHARED_LEVEL 2

static bool is_for_another(const struct search *search, const FTSENT *entry)
{
	return entry->fts_level <= SHARED_LEVEL &&
	       entry->fts_statp->st_ino % search->shares != search->share;
}

static void print_time(const struct timespec *when, char end)
{
	printf("%jd.%09ld%c", (intmax_t)when->tv_sec, when->tv_nsec, end);
}

static void print(const struct search *search, const FTSENT *entry)
{
	if (search->with_time)
		print_time(&entry->fts_statp->st_ctim, ' ');
	puts(entry->fts_path);
}

/* Files are dated by a clock that ticks every few milliseconds. */
static void print_start(void)
{
	const struct timespec pause = { .tv_nsec = 500000 };
	struct timespec now, tick;

	clock_gettime(CLOCK_REALTIME, &now);
	print_time(&now, '\n');
	do {
		nanosleep(&pause, NULL);
		clock_gettime(CLOCK_REALTIME_COARSE, &tick);
	} while (!is_later(&tick, &now));
}

/*
 * What cannot be read cannot have gone into what was built; and what is gone
 * was taken from a folder.
 */
static int walk(const struct search *search)
{
	char *roots[2] = { search->tree, NULL };
	FTSENT *entry;
	FTS *tree;
	int err;

	tree = fts_open(roots, FTS_PHYSICAL, NULL);
	if (!tree)
		return fail(search->tree, errno);

	while ((entry = fts_read(tree))) {
		bool skip = is_excepted(search, entry);

		switch (entry->fts_info) {
		case FTS_DP:
		case FTS_DNR:
		case FTS_NS:
			continue;
		}
		if (is_for_another(search, entry))
			skip |= entry->fts_level == SHARED_LEVEL;
		else if (!skip && is_later(&entry->fts_statp->st_ctim, &search->since))
			print(search, entry);
		if (skip)
			fts_set(tree, entry, FTS_SKIP);
	}
	err = errno;
	fts_close(tree);

	return err ? fail(search->tree, err) : EXIT_SUCCESS;
}

static unsigned int processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);
}

/* Each process walks its share; the first one waits for the others. */
static int walk_all(struct search *search)
{
	int status, result;

	search->shares = processors();
	/* Lines of several processes are not mixed when each is one write. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (search->with_time)
		print_start();
	while (search->share + 1 < search->shares) {
		pid_t pid = fork();

		if (pid < 0)
			return fail("cannot start a process", errno);
		if (!pid)
			return walk(search);
		search->share++;
	}

	result = walk(search);
	while (wait(&status) > 0)
		if (status)
			result = EXIT_FAILURE;

	return result;
}

int main(int argc, char **argv)
{
	struct search search = { .with_time = argc > 1 && !strcmp(argv[1], "-t") };
	struct stat st;

	argv += search.with_time;
	argc -= search.with_time;
	if (argc < 3) {
		fputs("usage: newer [-t] FILE TREE [EXCEPT...]\n", stderr);
		return 2;
	}
	if (stat(argv[1], &st) < 0)
		return fail(argv[1], errno);
	if (access(argv[2], R_OK | X_OK) < 0)
		return fail(argv[2], errno);

	search.since = st.st_mtim;
	search.tree = argv[2];
	search.except = argv + 3;

	return walk_all(&search);
}
