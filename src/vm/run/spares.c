// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/lock.h"
#include "lib/proc.h"
#include "lib/sock.h"
#include "lib/str.h"
#include "vm/run/origin.h"
#include "vm/run/spares.h"

#define SPARES "spares"
#define TAKE "take"

/* One that was taken and did not come: it is no spare any more. */
#define LOST "lost-"

/* How long one that is being made is waited for; a boot would take longer. */
#define TAKE_MS 5000

/* How long one may take to end before it is killed. */
#define END_MS 3000

/* The folders that the guest will mount, which QEMU has opened; what is in them may change. */
static void spares_add_shares(struct argv *words, const struct lab *lab)
{
	const struct shares *shares = &lab->plan.shares;
	char *kmod = str_printf("%s/modules", lab->dir);
	struct stat st;
	size_t i;

	for (i = 0; i <= shares->count; i++) {
		if (stat(i ? shares->share[i - 1].host : kmod, &st) < 0)
			st = (struct stat){};
		argv_addf(words, "%ju %ju", (uintmax_t)st.st_dev,
			  (uintmax_t)st.st_ino);
	}
	free(kmod);
}

/* The state is another one when it was made anew. */
static int spares_add_state(struct argv *words, const struct lab *lab,
			    const char *key)
{
	char *path = str_printf("%s/state/%s", lab->vm, key);
	struct stat st;
	int err = stat(path, &st) < 0 ? -errno : 0;

	free(path);
	if (!err)
		argv_addf(words, "%s %ju %ju", key, (uintmax_t)st.st_dev,
			  (uintmax_t)st.st_ino);
	return err;
}

int spares_key(char ret[STATE_KEY], const struct launch *launch)
{
	const struct saved_spec spec = launch_saved_spec(launch);
	const char *const none = NULL;
	struct argv words = {};
	char key[STATE_KEY];
	int err;

	err = saved_key(key, &spec);
	if (!err)
		err = spares_add_state(&words, spec.lab, key);
	if (!err) {
		spares_add_shares(&words, spec.lab);
		origin_add(&words);
		err = state_key(ret, words.word, &none, false);
	}
	argv_fini(&words);
	return err;
}

/* Does a keeper hold the folder?  If not, what a dead one has left is removed. */
static bool spares_is_alive(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		return true;
	}
	place_empty(fd);
	close(fd);
	rmdir(path);
	return false;
}

static bool spares_is_of(const char *name, const char *key)
{
	return !strncmp(name, key, STATE_KEY - 1) && name[STATE_KEY - 1] == '-';
}

static bool spares_is_older(const struct stat *a, const struct stat *b)
{
	return a->st_mtim.tv_sec < b->st_mtim.tv_sec ||
	       (a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
		a->st_mtim.tv_nsec < b->st_mtim.tv_nsec);
}

/* The path of the one that waits longest, which the caller frees; NULL: there is none. */
static char *spares_find(const char *dir, const char *key)
{
	DIR *folder = opendir(dir);
	const struct dirent *entry;
	struct stat st, oldest = {};
	char *name = NULL;
	char *path;

	while (folder && (entry = readdir(folder))) {
		if (!spares_is_of(entry->d_name, key) ||
		    fstatat(dirfd(folder), entry->d_name, &st, 0) < 0 ||
		    (name && !spares_is_older(&st, &oldest)))
			continue;
		free(name);
		name = strdup(entry->d_name);
		oldest = st;
	}
	if (folder)
		closedir(folder);
	path = name ? str_printf("%s/%s", dir, name) : NULL;
	free(name);
	return path;
}

/* End a keeper that does not answer; whoever listens at the other end is one. */
static void spares_kill(int fd)
{
	struct ucred keeper = {};
	socklen_t size = sizeof(keeper);

	if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &keeper, &size) &&
	    keeper.pid > 0)
		kill(keeper.pid, SIGKILL);
}

/* The folder is the run's: get what is in it.  Returns 0 or -errno. */
static int spares_receive(struct spare *ret, struct place *place, int signals)
{
	int fd = sock_connect(place->results, TAKE);
	int err;

	if (fd < 0)
		return fd;
	sock_unlink(place->results, TAKE);
	err = handover_receive(&ret->handover, fd, signals,
			       proc_deadline(TAKE_MS));
	if (err == -ETIMEDOUT)
		spares_kill(fd);
	if (err < 0) {
		close(fd);
		return err;
	}
	ret->teller = fd;
	place_keep(place, ret->handover.lock);
	return 0;
}

/* Returns 0, or -errno: -EAGAIN if this one was of no use. */
static int spares_take_at(struct spare *ret, const char *path, const char *dir,
			  struct place *place, int signals)
{
	int err = place_enter(place, path);
	char *lost;

	if (err < 0)
		/* Somebody else was faster. */
		return err == -ENOENT ? -EAGAIN : err;
	err = spares_receive(ret, place, signals);
	if (!err)
		return 0;
	lost = str_printf("%s/" LOST "%d", dir, getpid());
	if (!place_withdraw(place, lost) && err != -EINTR && err != -ETIMEDOUT)
		err = -EAGAIN;
	spares_is_alive(lost);
	free(lost);
	return err;
}

int spares_take(struct spare *ret, const struct lab *lab, const char *key,
		struct place *place, int signals)
{
	char *dir = lab_path(lab, SPARES);
	int err = -EAGAIN;
	char *path;

	while (err == -EAGAIN) {
		path = spares_find(dir, key);
		err = path ? spares_take_at(ret, path, dir, place, signals) :
			     -ENOENT;
		free(path);
	}
	free(dir);
	return err;
}

/*
 * The folder of all of them, with the lock of whoever adds or removes one
 */

/* Its keeper ends it when who wants it goes away. */
static void spares_dismiss(const char *path)
{
	int fd = sock_connect(path, TAKE);

	if (fd >= 0)
		close(fd);
}

/* How many there are of this key; all others, and what is more, are ended. */
static long spares_sort_out(const char *dir, const char *key, long most)
{
	DIR *folder = opendir(dir);
	const struct dirent *entry;
	long n = 0;
	char *path;

	while (folder && (entry = readdir(folder))) {
		if (*entry->d_name == '.')
			continue;
		path = str_printf("%s/%s", dir, entry->d_name);
		if (spares_is_alive(path)) {
			if (spares_is_of(entry->d_name, key) && n < most)
				n++;
			else
				spares_dismiss(path);
		}
		free(path);
	}
	if (folder)
		closedir(folder);
	return n;
}

/* Returns 0 or -errno. */
static int spares_make_folder(struct spare_folder *folder)
{
	int err;

	if (mkdir(folder->path, 0777) < 0)
		return -errno;
	folder->lock = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	folder->self = open(folder->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	err = folder->lock < 0 || folder->self < 0 ? -errno : 0;
	if (!err && flock(folder->lock, LOCK_EX | LOCK_NB) < 0)
		err = -errno;
	if (!err) {
		folder->listener = sock_listen(folder->path, TAKE, 1);
		err = folder->listener < 0 ? folder->listener : 0;
	}
	return err;
}

int spares_add(struct spare_folder *ret, const struct lab *lab,
	       const char *key, long most)
{
	char *dir = lab_path(lab, SPARES);
	int lock, err;
	long n;

	*ret = (struct spare_folder){ .self = -1, .lock = -1,
					 .listener = -1 };
	mkdir(dir, 0700);
	lock = lock_folder(AT_FDCWD, dir);
	err = lock < 0 ? lock : 0;
	n = err < 0 ? 0 : spares_sort_out(dir, key, most);
	if (n >= most)
		err = -EAGAIN;
	if (!err) {
		ret->path = str_printf("%s/%s-%d.%ld", dir, key, getpid(), n);
		err = spares_make_folder(ret);
		if (err < 0)
			spares_remove(ret);
	}
	if (lock >= 0)
		close(lock);
	free(dir);
	return err;
}

void spares_remove(struct spare_folder *folder)
{
	int fd;

	/* It may be a run's by now, whose process was killed. */
	if (folder->self >= 0) {
		unlinkat(folder->self, TAKE, 0);
		unlinkat(folder->self, "gdb", 0);
		close(folder->self);
	}
	fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		place_empty(fd);
		close(fd);
		rmdir(folder->path);
	}
	if (folder->lock >= 0)
		close(folder->lock);
	if (folder->listener >= 0)
		close(folder->listener);
	free(folder->path);
	*folder = (struct spare_folder){ .self = -1, .lock = -1,
					 .listener = -1 };
}

/* Wait until nobody has the other end of the connection any more. */
static bool spares_await_end(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	long long deadline = clock_ms() + END_MS;
	char bytes[256];
	ssize_t n = 1;

	while (n > 0 && clock_ms() < deadline)
		/* What is given to us is dropped. */
		if (poll(&pollfd, 1, END_MS) > 0)
			n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	return n <= 0;
}

static void spares_end_one(const char *path)
{
	int fd = sock_connect(path, TAKE);

	if (fd >= 0) {
		shutdown(fd, SHUT_WR);
		if (!spares_await_end(fd)) {
			spares_kill(fd);
			spares_await_end(fd);
		}
		close(fd);
	}
	spares_is_alive(path);
}

void spares_end(const char *lab)
{
	char *dir = str_printf("%s/vm/" SPARES, lab);
	int lock = lock_folder(AT_FDCWD, dir);
	struct dirent **entry = NULL;
	char *path;
	int n;

	n = lock < 0 ? 0 : scandir(dir, &entry, NULL, alphasort);
	while (n-- > 0) {
		path = str_printf("%s/%s", dir, entry[n]->d_name);
		if (*entry[n]->d_name != '.')
			spares_end_one(path);
		free(path);
		free(entry[n]);
	}
	free(entry);
	rmdir(dir);
	if (lock >= 0)
		close(lock);
	free(dir);
}
