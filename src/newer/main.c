// SPDX-License-Identifier: GPL-2.0-only
/*
 * newer - lists what changed in a tree since a file was written
 *
 *	newer FILE TREE [EXCEPT...]
 *
 * What counts is the time of the last change of an inode, which cp -p, mv and
 * touch -d cannot set back; a folder's tells of files that went.  TREE's .git
 * is left out, for git writes there when one only looks, and so is each path in
 * EXCEPT.
 */
#include <errno.h>
#include <fts.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static bool is_excepted(const FTSENT *entry, char **except)
{
	if (entry->fts_level == 1 && !strcmp(entry->fts_name, ".git"))
		return true;

	for (; *except; except++)
		if (!strcmp(entry->fts_path, *except))
			return true;

	return false;
}

static int walk(FTS *tree, const struct timespec *since, char **except)
{
	FTSENT *entry;

	while ((entry = fts_read(tree))) {
		if (entry->fts_info == FTS_DP)
			continue;
		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_NS)
			return fail(entry->fts_path, entry->fts_errno);
		if (is_excepted(entry, except)) {
			fts_set(tree, entry, FTS_SKIP);
			continue;
		}
		if (is_later(&entry->fts_statp->st_ctim, since))
			puts(entry->fts_path);
	}

	return errno ? fail("cannot read the tree", errno) : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	char *roots[2] = { NULL, NULL };
	struct stat st;
	FTS *tree;
	int status;

	if (argc < 3) {
		fputs("usage: newer FILE TREE [EXCEPT...]\n", stderr);
		return 2;
	}
	if (stat(argv[1], &st) < 0)
		return fail(argv[1], errno);

	roots[0] = argv[2];
	tree = fts_open(roots, FTS_PHYSICAL, NULL);
	if (!tree)
		return fail(argv[2], errno);
	status = walk(tree, &st.st_mtim, argv + 3);
	fts_close(tree);

	return status;
}
