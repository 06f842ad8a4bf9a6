// SPDX-License-Identifier: GPL-2.0-only
/*
 * farm - shows a build some files of a tree, by links
 *
 *	farm FROM TO <NAMES
 *
 * Makes TO a folder that has for each file in NAMES, which are below FROM, each with a NUL
 * behind it, a symbolic link to it.  Folders are folders: through a link to one, a file's
 * "../x" would be found in FROM, whatever TO has for x.  For the same reason a link of
 * FROM is copied.  What else is in TO goes, and what is right already stays as it is.
 *
 * A file in the place of a link was written through TO, and that is an error.
 */
#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/xmalloc.h"

struct file {
	char *name; /* below FROM and TO */
	bool is_there; /* in TO, and right */
};

struct farm {
	const char *from;
	const char *to;
	char *names; /* all of them, one behind the other */
	struct file *files; /* sorted by name */
	size_t count;
};

static int farm_fail(const char *path, const char *name, const char *why)
{
	fprintf(stderr, "farm: %s%s%s: %s\n", path, name ? "/" : "", name ? name : "", why);
	return -1;
}

static int farm_compare(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* A folder is a repository inside of the tree; a file in a conflict is named more than once. */
static void farm_sort(struct farm *farm, size_t size)
{
	size_t count = 0, i;
	char *name;

	for (name = farm->names; name < farm->names + size; name += strlen(name) + 1)
		count++;
	farm->files = xcalloc(count + 1, sizeof(*farm->files));
	count = 0;
	for (name = farm->names; name < farm->names + size; name += strlen(name) + 1)
		if (*name && name[strlen(name) - 1] != '/')
			farm->files[count++].name = name;
	qsort(farm->files, count, sizeof(*farm->files), farm_compare);
	for (i = 0; i < count; i++)
		if (!i || strcmp(farm->files[i].name, farm->files[farm->count - 1].name))
			farm->files[farm->count++] = farm->files[i];
}

static int farm_read_names(struct farm *farm)
{
	size_t size = 0, room = 1 << 20, got;

	farm->names = xmalloc(room);
	while ((got = fread(farm->names + size, 1, room - 1 - size, stdin))) {
		size += got;
		if (size == room - 1)
			farm->names = xreallocarray(farm->names, room *= 2, 1);
	}
	if (ferror(stdin))
		return farm_fail("standard input", NULL, strerror(errno));
	farm->names[size] = '\0';
	farm_sort(farm, size);

	return 0;
}

/* Where a link leads; to has PATH_MAX bytes. */
static bool farm_read_link(const char *link, char *to)
{
	ssize_t length = readlink(link, to, PATH_MAX - 1);

	if (length < 0)
		return false;
	to[length] = '\0';

	return true;
}

/*
 * Where a link NAME in TO is to lead: to, of PATH_MAX bytes.  Returns false if there is no
 * such file in FROM, which git may still name.
 */
static bool farm_target(const struct farm *farm, const char *name, char *to)
{
	char path[PATH_MAX];
	struct stat st;
	int length;

	length = snprintf(path, sizeof(path), "%s/%s", farm->from, name);
	if (length >= PATH_MAX || lstat(path, &st) < 0)
		return false;
	if (S_ISREG(st.st_mode)) {
		memcpy(to, path, length + 1);
		return true;
	}
	return S_ISLNK(st.st_mode) && farm_read_link(path, to);
}

static bool farm_leads_to(const char *link, const char *target)
{
	char to[PATH_MAX];

	return farm_read_link(link, to) && !strcmp(to, target);
}

/* An entry of TO that is no folder: is it right, is it to go, or was it written? */
static int farm_sweep_file(struct farm *farm, const FTSENT *entry)
{
	struct file key = { .name = entry->fts_path + strlen(farm->to) + 1 };
	char target[PATH_MAX];
	struct file *file;

	file = bsearch(&key, farm->files, farm->count, sizeof(key), farm_compare);
	if (file && farm_target(farm, file->name, target)) {
		file->is_there = farm_leads_to(entry->fts_accpath, target);
		if (file->is_there)
			return 0;
		if (!S_ISLNK(entry->fts_statp->st_mode))
			return farm_fail(farm->to, file->name,
					 "is no link any more, so a program wrote there: remove it");
	}
	if (unlink(entry->fts_accpath) < 0)
		return farm_fail(entry->fts_path, NULL, strerror(errno));

	return 0;
}

static int farm_sweep(struct farm *farm)
{
	char *roots[2] = { (char *)farm->to, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL, NULL);
	FTSENT *entry;
	int err = 0;

	if (!tree)
		return farm_fail(farm->to, NULL, strerror(errno));
	while (!err && (entry = fts_read(tree))) {
		switch (entry->fts_info) {
		case FTS_D:
			break;
		case FTS_DP:
			/* One that is not empty stays. */
			if (entry->fts_level > 0)
				rmdir(entry->fts_accpath);
			break;
		case FTS_DNR:
		case FTS_ERR:
		case FTS_NS:
			err = farm_fail(entry->fts_path, NULL, strerror(entry->fts_errno));
			break;
		default:
			err = farm_sweep_file(farm, entry);
		}
	}
	fts_close(tree);

	return err;
}

/* The folders that path is in. */
static int farm_make_folders(char *path)
{
	char *slash;

	for (slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int err;

		*slash = '\0';
		err = mkdir(path, 0777) < 0 && errno != EEXIST ? -errno : 0;
		*slash = '/';
		if (err)
			return err;
	}
	return 0;
}

static int farm_plant_file(const struct farm *farm, const char *name)
{
	char target[PATH_MAX], path[PATH_MAX];

	if (!farm_target(farm, name, target))
		return 0;
	if (snprintf(path, sizeof(path), "%s/%s", farm->to, name) >= (int)sizeof(path))
		return farm_fail(farm->to, name, strerror(ENAMETOOLONG));
	if (!symlink(target, path))
		return 0;
	if (errno != ENOENT || farm_make_folders(path) || symlink(target, path) < 0)
		return farm_fail(farm->to, name, strerror(errno));

	return 0;
}

static int farm_plant(const struct farm *farm)
{
	size_t i;

	for (i = 0; i < farm->count; i++)
		if (!farm->files[i].is_there && farm_plant_file(farm, farm->files[i].name))
			return -1;

	return 0;
}

int main(int argc, char **argv)
{
	struct farm farm = { 0 };

	if (argc != 3 || argv[1][0] != '/') {
		fputs("usage: farm FROM TO <NAMES, with an absolute FROM\n", stderr);
		return 2;
	}
	farm.from = argv[1];
	farm.to = argv[2];
	if (mkdir(farm.to, 0777) < 0 && errno != EEXIST) {
		farm_fail(farm.to, NULL, strerror(errno));
		return EXIT_FAILURE;
	}
	if (farm_read_names(&farm) || farm_sweep(&farm) || farm_plant(&farm))
		return EXIT_FAILURE;

	return EXIT_SUCCESS;
}
