// SPDX-License-Identifier: GPL-2.0-only
/*
 * newer - lists what changed in a tree since a file was written
 *
 *	newer [-t] FILE TREE [EXCEPT...]
 *
 * -t prints the time of the change before each path, as seconds since 1970, and the
 * time of the search on the first line: later changes have a later time.
 *
 * The ctime of an inode counts, because cp -p, mv and touch -d cannot set it back; a
 * folder's ctime tells that files were removed.  .git in TREE is skipped because git
 * writes there even when it only reads, and so is each path in EXCEPT.
 *
 * The kernel needs most of the time, to look up one file after the other.  So one
 * process per processor searches its share of the folders on the second level.
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

static int newer_fail(const char *path, int err)
{
	fprintf(stderr, "newer: %s: %s\n", path, strerror(err));
	return EXIT_FAILURE;
}

static bool newer_is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec > b->tv_sec ||
	       (a->tv_sec == b->tv_sec && a->tv_nsec > b->tv_nsec);
}

/* The arguments, and this process's share of the folders */
struct search {
	char *tree;
	char **except;
	struct timespec since;
	bool with_time;
	unsigned int share;
	unsigned int shares;
};

static bool newer_is_excepted(const struct search *search, const FTSENT *entry)
{
	char **except = search->except;

	if (entry->fts_level == 1 && !strcmp(entry->fts_name, ".git"))
		return true;

	for (; *except; except++)
		if (!strcmp(entry->fts_path, *except))
			return true;

	return false;
}

/* All processes walk the folders above this level. */
#define SHARED_LEVEL 2

static bool newer_is_for_another(const struct search *search,
				 const FTSENT *entry)
{
	return entry->fts_level <= SHARED_LEVEL &&
	       entry->fts_statp->st_ino % search->shares != search->share;
}

static void newer_print_time(const struct timespec *when, char end)
{
	printf("%jd.%09ld%c", (intmax_t)when->tv_sec, when->tv_nsec, end);
}

static void newer_print(const struct search *search, const FTSENT *entry)
{
	if (search->with_time)
		newer_print_time(&entry->fts_statp->st_ctim, ' ');
	puts(entry->fts_path);
}

/* Files are dated by a clock that ticks every few milliseconds. */
static void newer_print_start(void)
{
	const struct timespec pause = { .tv_nsec = 500000 };
	struct timespec now, tick;

	clock_gettime(CLOCK_REALTIME, &now);
	newer_print_time(&now, '\n');
	do {
		nanosleep(&pause, NULL);
		clock_gettime(CLOCK_REALTIME_COARSE, &tick);
	} while (!newer_is_later(&tick, &now));
}

/*
 * A file that cannot be read cannot have been part of a build, and a file that was
 * removed has changed its folder: neither is an error.
 */
static int newer_walk(const struct search *search)
{
	char *roots[2] = { search->tree, NULL };
	FTSENT *entry;
	FTS *tree;
	int err;

	tree = fts_open(roots, FTS_PHYSICAL, NULL);
	if (!tree)
		return newer_fail(search->tree, errno);

	while ((entry = fts_read(tree))) {
		bool skip = newer_is_excepted(search, entry);

		switch (entry->fts_info) {
		case FTS_DP:
		case FTS_DNR:
		case FTS_NS:
			continue;
		}
		if (newer_is_for_another(search, entry))
			skip |= entry->fts_level == SHARED_LEVEL;
		else if (!skip && newer_is_later(&entry->fts_statp->st_ctim,
						 &search->since))
			newer_print(search, entry);
		if (skip)
			fts_set(tree, entry, FTS_SKIP);
	}
	err = errno;
	fts_close(tree);

	return err ? newer_fail(search->tree, err) : EXIT_SUCCESS;
}

static unsigned int newer_processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);
}

/* Each process walks its share; the first one waits for the others. */
static int newer_walk_all(struct search *search)
{
	int status, result;

	search->shares = newer_processors();
	/* Lines of several processes do not mix if each is one write. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (search->with_time)
		newer_print_start();
	while (search->share + 1 < search->shares) {
		pid_t pid = fork();

		if (pid < 0)
			return newer_fail("cannot start a process", errno);
		if (!pid)
			return newer_walk(search);
		search->share++;
	}

	result = newer_walk(search);
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
		return newer_fail(argv[1], errno);
	if (access(argv[2], R_OK | X_OK) < 0)
		return newer_fail(argv[2], errno);

	search.since = st.st_mtim;
	search.tree = argv[2];
	search.except = argv + 3;

	return newer_walk_all(&search);
}
