// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fnmatch.h>
#include <ftw.h>
#include <fts.h>
#include <glob.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/argv.h"
#include "lib/file.h"
#include "lib/xmalloc.h"
#include "step/notes.h"

/* SIZE:DATE, as find prints %s:%T@: find wrote the notes of earlier versions. */
#define LOOK "%jd:%jd.%09ld0"
#define LOOK_SIZE 64

static const char *notes_look(char look[LOOK_SIZE], const struct stat *st)
{
	snprintf(look, LOOK_SIZE, LOOK, (intmax_t)st->st_size,
		 (intmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
	return look;
}

/* Is the file what it was?  A link that was named counts as its target. */
static bool notes_is_same(const char *name, const char *was)
{
	char look[LOOK_SIZE];
	struct stat st;

	if (!stat(name, &st) && !strcmp(notes_look(look, &st), was))
		return true;
	return !lstat(name, &st) && S_ISLNK(st.st_mode) &&
		!strcmp(notes_look(look, &st), was);
}

/* Cut a note after its name; returns the rest, or NULL if the name is all. */
static char *notes_cut(char *note)
{
	char *date = strrchr(note, ':');
	char *size = date ? memrchr(note, ':', date - note) : NULL;

	if (!size)
		return NULL;
	*size = '\0';
	return size + 1;
}

static int notes_read(char **ret, const char *path)
{
	int err = file_read(ret, path);

	if (err != -ENOENT)
		return err;
	*ret = xstrdup("");
	return 0;
}

int notes_hold(bool *ret, const char *path)
{
	char *text, *rest, *note, *was;
	bool hold = true;
	int err;

	err = notes_read(&text, path);
	if (err)
		return err;

	for (rest = text; hold && (note = strsep(&rest, "\n")) && *note;) {
		was = notes_cut(note);
		hold = was && notes_is_same(note, was);
	}
	free(text);
	*ret = hold;
	return 0;
}

/* Print a note for each file in the folders and under the names of paths. */
static int notes_walk(FILE *file, char *const *paths, char **missing)
{
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	char look[LOOK_SIZE];
	FTSENT *entry;
	int err = 0;

	if (!fts)
		return -errno;

	while (!err && (entry = fts_read(fts))) {
		if (entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR) {
			*missing = xstrdup(entry->fts_path);
			err = -entry->fts_errno;
		} else if (!S_ISDIR(entry->fts_statp->st_mode)) {
			fprintf(file, "%s:%s\n", entry->fts_path,
				notes_look(look, entry->fts_statp));
		}
	}
	fts_close(fts);
	return err;
}

/* The words, and the files for those with a *. */
static struct argv notes_expand(const char *words)
{
	struct argv names = {}, paths = {};
	glob_t found;
	size_t i, j;

	argv_split(&names, words);
	for (i = 0; i < names.count; i++) {
		if (!strchr(names.word[i], '*') || glob(names.word[i], 0, NULL, &found)) {
			argv_add(&paths, names.word[i]);
			continue;
		}
		for (j = 0; j < found.gl_pathc; j++)
			argv_add(&paths, found.gl_pathv[j]);
		globfree(&found);
	}
	argv_fini(&names);
	return paths;
}

int notes_write(const char *path, const char *words, char **missing)
{
	FILE *file = fopen(path, "we");
	struct argv paths;
	int err = 0;

	if (!file)
		return -errno;

	paths = notes_expand(words);
	if (paths.count)
		err = notes_walk(file, paths.word, missing);
	argv_fini(&paths);
	if (fclose(file) && !err)
		err = -errno;
	return err;
}

int notes_announce(const char *path, const char *words)
{
	struct argv paths = notes_expand(words);
	FILE *file = fopen(path, "ae");
	int err = file ? 0 : -errno;
	size_t i;

	for (i = 0; file && i < paths.count; i++)
		fprintf(file, "%s\n", paths.word[i]);
	if (file && fclose(file))
		err = -errno;
	argv_fini(&paths);
	return err;
}

/* Is the file one of these, or in one of these folders? */
static bool notes_is_among(const struct argv *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		if (!fnmatch(names->word[i], name, FNM_PATHNAME | FNM_LEADING_DIR))
			return true;
	return false;
}

static bool notes_is_below(const char *name, const char *top)
{
	char *copy = xstrdup(name), *folder, *real_top;
	bool below;
	size_t len;

	folder = realpath(dirname(copy), NULL);
	real_top = realpath(top, NULL);
	len = real_top ? strlen(real_top) : 0;
	below = folder && real_top && !strncmp(folder, real_top, len) &&
		(folder[len] == '/' || !folder[len]);
	free(real_top);
	free(folder);
	free(copy);
	return below;
}

static int notes_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int notes_remove(const char *name)
{
	if (!nftw(name, notes_remove_one, 16, FTW_DEPTH | FTW_PHYS) || errno == ENOENT)
		return 0;
	return -errno;
}

int notes_clean(const char *path, const char *words, const char *top)
{
	char *text, *rest, *note, *was;
	struct argv names = {};
	int err;

	err = notes_read(&text, path);
	if (err)
		return err;

	argv_split(&names, words);
	for (rest = text; !err && (note = strsep(&rest, "\n")) && *note;) {
		was = notes_cut(note);
		if (notes_is_among(&names, note) && (!was || notes_is_same(note, was)))
			continue;
		if (notes_is_below(note, top))
			err = notes_remove(note);
	}
	argv_fini(&names);
	free(text);
	return err;
}
