// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/lock.h"
#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/args/single.h"
#include "vm/run/place.h"
#include "vm/say.h"

#define RUNS "runs"
#define LAST "last"
#define LAST_NEW "last.new"

/* What `last' was before there were runs: the oldest of them. */
#define BEFORE RUNS "/0"

/* How long a cleaner may take, see cleaner.h. */
#define CLEANING_MS 2000

/* If the holder was killed, its cleaner holds the lock for a moment longer. */
static int place_try_lock(const char *path, pid_t *holder)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	int i, fd;

	for (i = 0; i < CLEANING_MS; i++) {
		fd = lock_take(path, holder);
		if (fd != -EAGAIN || !kill(*holder, 0) || errno != ESRCH)
			break;
		nanosleep(&moment, NULL);
	}
	return fd;
}

/* Returns 0, or -errno after printing why. */
static int place_lock_work(struct place *place, const struct lab *lab)
{
	char *path = lab_work_path(lab, "lock");
	pid_t holder = 0;
	int fd = place_try_lock(path, &holder);

	if (fd == -EAGAIN)
		say("a machine runs in %s already (process %d); `make stop` ends it",
		    lab->name, holder);
	else if (fd < 0)
		say("%s: %s", path, strerror(-fd));
	free(path);
	place->work_lock = fd;
	return fd < 0 ? fd : 0;
}

/* Returns 0, or -errno after printing why. */
static int place_lock_single(struct place *place, const struct lab *lab)
{
	char *why = args_single(&lab->plan);
	char *path = lab_path(lab, "single");
	pid_t holder = 0;
	int fd = why ? place_try_lock(path, &holder) : 0;

	if (fd == -EAGAIN)
		say("%s, so only one machine can run, and process %d runs it",
		    why, holder);
	else if (fd < 0)
		say("%s: %s", path, strerror(-fd));
	free(path);
	if (why)
		place->single_lock = fd;
	free(why);
	return fd < 0 ? fd : 0;
}

static int place_is_run(const struct dirent *entry)
{
	return *entry->d_name >= '0' && *entry->d_name <= '9';
}

static int place_compare(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

void place_empty(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir) {
		close(fd);
		return;
	}
	while ((entry = readdir(dir)))
		unlinkat(folder, entry->d_name, 0);
	closedir(dir);
}

/* Remove the folder, unless its run is not over. */
static bool place_remove(int runs, const char *name)
{
	int folder = openat(runs, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_gone = false;

	if (folder < 0)
		return false;
	if (!flock(folder, LOCK_EX | LOCK_NB)) {
		place_empty(folder);
		is_gone = !unlinkat(runs, name, AT_REMOVEDIR);
	}
	close(folder);
	return is_gone;
}

/* With the folder of the runs locked. */
static void place_prune(int runs, long keep)
{
	struct dirent **entry;
	int i, n, count;

	n = scandirat(runs, ".", &entry, place_is_run, place_compare);
	if (n < 0)
		return;
	for (i = 0, count = n; i < n && count > keep; i++)
		count -= place_remove(runs, entry[i]->d_name);
	while (n--)
		free(entry[n]);
	free(entry);
}

static char *place_name(void)
{
	time_t now = time(NULL);
	char date[32];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%Y%m%d-%H%M%S", &tm);
	return str_printf("%s-%d", date, getpid());
}

/* Make the folder, unless it is there, and lock it.  A descriptor, or -errno. */
static int place_lock_folder(int at, const char *name)
{
	if (mkdirat(at, name, 0777) < 0 && errno != EEXIST)
		return -errno;
	return lock_folder(at, name);
}

/* Have `last' lead to the run of this name.  Returns 0 or -errno. */
static int place_link(int work, const char *name)
{
	char *target = str_printf(RUNS "/%s", name);
	struct stat st;
	int err = 0;

	if (!fstatat(work, LAST, &st, AT_SYMLINK_NOFOLLOW) &&
	    S_ISDIR(st.st_mode) && renameat(work, LAST, work, BEFORE) < 0)
		err = -errno;
	unlinkat(work, LAST_NEW, 0);
	if (!err && (symlinkat(target, work, LAST_NEW) < 0 ||
		     renameat(work, LAST_NEW, work, LAST) < 0))
		err = -errno;
	free(target);
	return err;
}

/* Returns the descriptor that keeps the new run's folder, or -errno. */
static int place_make_run(const struct lab *lab, const char *name)
{
	int work = open(lab->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Nobody else makes or removes one meanwhile. */
	int runs = work < 0 ? -errno : place_lock_folder(work, RUNS);
	int fd = runs < 0 ? runs : place_lock_folder(runs, name);
	long keep;
	int err;

	if (fd >= 0) {
		err = place_link(work, name);
		if (err < 0) {
			close(fd);
			fd = err;
		}
	}
	if (fd >= 0 && !config_number(lab->config, "VM_RUNS", &keep))
		place_prune(runs, keep);
	if (runs >= 0)
		close(runs);
	if (work >= 0)
		close(work);
	return fd;
}

/* Returns 0, or -errno after printing why. */
static int place_open_results(struct place *place, const struct lab *lab)
{
	char *name = place_name();

	place->results = str_printf("%s/" RUNS "/%s", lab->work, name);
	place->results_lock = place_make_run(lab, name);
	free(name);
	if (place->results_lock >= 0)
		return 0;
	say("%s: %s", place->results, strerror(-place->results_lock));
	return place->results_lock;
}

int place_take(struct place *ret, const struct lab *lab, bool is_own)
{
	int err = 0;

	*ret = (struct place){ .work_lock = -1, .results_lock = -1,
			       .single_lock = -1 };
	if (!is_own)
		err = place_lock_work(ret, lab);
	if (!err)
		err = place_lock_single(ret, lab);
	if (!err)
		err = place_open_results(ret, lab);
	if (!err)
		ret->work = xstrdup(is_own ? ret->results : lab->work);
	return err;
}

int place_enter(const struct place *place, const char *path)
{
	return rename(path, place->results) < 0 ? -errno : 0;
}

void place_keep(struct place *place, int lock)
{
	close(place->results_lock);
	place->results_lock = lock;
}

int place_withdraw(struct place *place, const char *path)
{
	int lock;

	/* Unless somebody has removed it, as it is locked by nobody. */
	if (rename(place->results, path) < 0 && errno != ENOENT)
		return -errno;
	lock = place_lock_folder(AT_FDCWD, place->results);
	if (lock < 0)
		return lock;
	place_keep(place, lock);
	return 0;
}

int place_lock(const struct place *place)
{
	return place->work_lock < 0 ? place->results_lock : place->work_lock;
}

static void place_drop(int *lock)
{
	if (*lock >= 0)
		close(*lock);
	*lock = -1;
}

void place_leave(struct place *place)
{
	place_drop(&place->work_lock);
	place_drop(&place->results_lock);
	place_drop(&place->single_lock);
}

void place_fini(struct place *place)
{
	place_leave(place);
	free(place->work);
	free(place->results);
}
