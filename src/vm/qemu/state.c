// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <xxhash.h>

#include "lib/file.h"
#include "lib/str.h"
#include "lib/why.h"
#include "vm/qemu/state.h"

/* Memory goes by blocks: a hole for each page of zero costs more than it saves. */
#define BLOCK 65536

#define NO_STATE "it is cut off, or no saved machine"

/* Another number when what is saved, or how, changes. */
#define MAGIC "kilnvm3"

struct tail {
	char magic[8];
	char key[STATE_KEY + 7]; /* and zeros */
	u64 memory; /* sizes */
	u64 devices;
	u64 up;
	u64 sum; /* of all, with 0 here */
};

/* What is summed up on the way, and where the same is written to. */
struct walk {
	u64 sum;
	int to; /* -1: nowhere */
};

/* The name, date and place of a file: another one is never the same. */
static int state_add_file(FILE *out, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	fprintf(out, "%s %ju %ju %jd %jd.%09ld %jd.%09ld\n", path,
		(uintmax_t)st.st_dev, (uintmax_t)st.st_ino,
		(intmax_t)st.st_size,
		(intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
		(intmax_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
	return 0;
}

/* The first processor, without how fast it is at the moment. */
static int state_add_host(FILE *out)
{
	struct utsname name;
	char *text, *line;
	size_t len;
	int err;

	err = file_read(&text, "/proc/cpuinfo");
	if (err < 0)
		return err;
	for (line = text; *line && *line != '\n'; line += len) {
		len = strcspn(line, "\n") + 1;
		if (strncmp(line, "cpu MHz", 7) && strncmp(line, "bogomips", 8))
			fwrite(line, len, 1, out);
	}
	free(text);
	if (uname(&name) < 0)
		return -errno;
	fprintf(out, "%s %s\n", name.release, name.version);
	return 0;
}

static void state_format_key(char ret[STATE_KEY], const char *text, size_t size)
{
	XXH128_hash_t hash = XXH3_128bits(text, size);

	snprintf(ret, STATE_KEY, "%016llx%016llx",
		 (unsigned long long)hash.high64,
		 (unsigned long long)hash.low64);
}

int state_key(char ret[STATE_KEY], char *const *words,
	      const char *const *files, bool is_kvm)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int err = 0;

	if (!out)
		return -ENOMEM;
	fprintf(out, "%s%c", MAGIC, '\0');
	for (; *words; words++)
		fprintf(out, "%s%c", *words, '\0');
	for (; *files && !err; files++)
		err = state_add_file(out, *files);
	if (is_kvm && !err)
		err = state_add_host(out);
	if (fclose(out) && !err)
		err = -ENOMEM;
	if (!err)
		state_format_key(ret, text, size);
	free(text);
	return err;
}

static int state_write_at(int fd, const char *bytes, size_t count, u64 at)
{
	ssize_t n;

	for (; count; bytes += n, count -= n, at += n) {
		n = pwrite(fd, bytes, count, at);
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0)
			return -errno;
	}
	return 0;
}

/* Returns 0, or -errno: -EBADMSG if there are not so many. */
static int state_read_at(int fd, char *bytes, size_t count, u64 at)
{
	ssize_t n;

	for (; count; bytes += n, count -= n, at += n) {
		n = pread(fd, bytes, count, at);
		if (!n)
			return -EBADMSG;
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0)
			return -errno;
	}
	return 0;
}

static bool state_is_zero(const char *block)
{
	return !*block && !memcmp(block, block + 1, BLOCK - 1);
}

/* Sum up what stands at this place, after all before. */
static void state_add_sum(u64 *sum, u64 at, const void *bytes, size_t count)
{
	const u64 link[] = { *sum, at, XXH3_64bits(bytes, count) };

	*sum = XXH3_64bits(link, sizeof(link));
}

/* A block of zero is the same as a hole. */
static int state_walk_block(struct walk *walk, int fd, u64 at)
{
	static char block[BLOCK];
	int err;

	err = state_read_at(fd, block, BLOCK, at);
	if (err < 0 || state_is_zero(block))
		return err;
	state_add_sum(&walk->sum, at, block, BLOCK);
	return walk->to < 0 ? 0 : state_write_at(walk->to, block, BLOCK, at);
}

/* All that the file has in its first `size` bytes, which are whole blocks. */
static int state_walk_memory(struct walk *walk, int fd, u64 size)
{
	off_t at = 0, end;
	int err = 0;

	while (!err && at < (off_t)size) {
		at = lseek(fd, at, SEEK_DATA);
		if (at < 0)
			return errno == ENXIO ? 0 : -errno;
		end = lseek(fd, at, SEEK_HOLE);
		if (end < 0)
			return -errno;
		if (end > (off_t)size)
			end = size;
		for (at -= at % BLOCK; at < end && !err; at += BLOCK)
			err = state_walk_block(walk, fd, at);
	}
	return err;
}

/* Fill in the sum; the memory goes from its file to `to` as well. */
static int state_sum_up(struct tail *tail, const struct state *state, int to)
{
	struct walk walk = { .to = to };
	int err;

	err = state_walk_memory(&walk, state->fd, state->memory);
	if (err < 0)
		return err;
	state_add_sum(&walk.sum, 0, state->devices, state->count);
	tail->sum = 0;
	state_add_sum(&walk.sum, 0, tail, sizeof(*tail));
	tail->sum = walk.sum;
	return 0;
}

static void state_fill_tail(struct tail *tail, const char *key, u64 memory,
			    u64 devices)
{
	memset(tail, 0, sizeof(*tail));
	memcpy(tail->magic, MAGIC, sizeof(tail->magic));
	memcpy(tail->key, key, strlen(key));
	tail->memory = memory;
	tail->devices = devices;
}

/* Is it complete, and this machine's?  What is in it does not matter yet. */
static int state_check_tail(const struct tail *tail, const char *key,
			    u64 memory, u64 size, char **why)
{
	struct tail want;

	state_fill_tail(&want, key, memory, tail->devices);
	if (memcmp(tail->magic, want.magic, sizeof(want.magic)))
		return why_set(why, -EBADMSG, NO_STATE);
	if (memcmp(tail->key, want.key, sizeof(want.key)) ||
	    tail->memory != memory)
		return why_set(why, -EBADMSG, "it is another machine's");
	if (tail->devices > STATE_DEVICES ||
	    size != memory + tail->devices + sizeof(*tail))
		return why_set(why, -EBADMSG, "it does not have its size");
	return 0;
}

/* Find the tail and read all but the memory. */
static int state_read_rest(struct state *state, const char *key, char **why)
{
	struct tail tail;
	struct stat st;
	u64 size;
	int err;

	if (fstat(state->fd, &st) < 0)
		return -errno;
	size = st.st_size;
	if (!S_ISREG(st.st_mode) || size < sizeof(tail))
		return why_set(why, -EBADMSG, NO_STATE);
	err = state_read_at(state->fd, (char *)&tail, sizeof(tail),
			    size - sizeof(tail));
	if (!err)
		err = state_check_tail(&tail, key, state->memory, size, why);
	if (err < 0)
		return err;

	state->up = tail.up;
	state->count = tail.devices;
	state->devices = malloc(state->count + sizeof(tail));
	if (!state->devices)
		return -ENOMEM;
	return state_read_at(state->fd, state->devices,
			     state->count + sizeof(tail), state->memory);
}

void state_close(struct state *state)
{
	if (state->fd >= 0)
		close(state->fd);
	free(state->devices);
	*state = (struct state){ .fd = -1 };
}

int state_open(struct state *ret, const char *dir, const char *key, u64 memory,
	       char **why)
{
	struct state state = { .memory = memory };
	char *path = str_printf("%s/%s", dir, key);
	int err;

	if (!path)
		return -ENOMEM;
	state.fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	err = state.fd < 0 ? -errno : state_read_rest(&state, key, why);
	free(path);
	if (err < 0) {
		state_close(&state);
		return err;
	}
	/* It is the last one to be removed now. */
	futimens(state.fd, NULL);
	*ret = state;
	return 0;
}

int state_check(const struct state *state, char **why)
{
	struct tail tail, seen;
	int err;

	memcpy(&tail, state->devices + state->count, sizeof(tail));
	seen = tail;
	err = state_sum_up(&seen, state, -1);
	if (!err && seen.sum != tail.sum)
		err = why_set(why, -EBADMSG, "its checksum is wrong");
	return err;
}

int state_remove(const char *dir, const char *key)
{
	char *path = str_printf("%s/%s", dir, key);
	int err = path ? 0 : -ENOMEM;

	if (!err && unlink(path) < 0)
		err = -errno;
	free(path);
	return err;
}

/* Only one at a time saves and removes.  A descriptor of the folder, or -errno. */
static int state_lock_folder(const char *dir)
{
	int fd, err;

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* A file of the folder, for sorting. */
struct entry {
	char name[STATE_KEY];
	struct timespec used;
};

static int state_compare_entries(const void *a, const void *b)
{
	const struct timespec *x = &((const struct entry *)a)->used;
	const struct timespec *y = &((const struct entry *)b)->used;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec > y->tv_sec ? -1 : 1;
	return (x->tv_nsec < y->tv_nsec) - (x->tv_nsec > y->tv_nsec);
}

/* How many states there are; fills the first `room` entries. */
static size_t state_list(DIR *folder, struct entry *entries, size_t room)
{
	const struct dirent *name;
	struct stat st;
	size_t n = 0;

	rewinddir(folder);
	while ((name = readdir(folder))) {
		if (strlen(name->d_name) != STATE_KEY - 1 ||
		    fstatat(dirfd(folder), name->d_name, &st, 0) < 0)
			continue;
		if (n < room) {
			memcpy(entries[n].name, name->d_name, STATE_KEY);
			entries[n].used = st.st_mtim;
		}
		n++;
	}
	return n;
}

/* With the folder locked: then nobody writes a new one. */
static int state_prune_folder(int fd, long keep)
{
	struct entry *entries;
	size_t n, i;
	DIR *folder;

	unlinkat(fd, STATE_NEW, 0);
	fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	folder = fd < 0 ? NULL : fdopendir(fd);
	if (!folder) {
		close(fd);
		return -ENOMEM;
	}
	n = state_list(folder, NULL, 0);
	entries = calloc(n + 1, sizeof(*entries));
	if (entries && n > (size_t)keep) {
		n = state_list(folder, entries, n);
		qsort(entries, n, sizeof(*entries), state_compare_entries);
		for (i = keep; i < n; i++)
			unlinkat(fd, entries[i].name, 0);
	}
	free(entries);
	closedir(folder);
	return entries ? 0 : -ENOMEM;
}

void state_tidy(const char *dir)
{
	int folder = state_lock_folder(dir);

	if (folder < 0)
		return;
	unlinkat(folder, STATE_NEW, 0);
	close(folder);
}

int state_prune(const char *dir, long keep)
{
	int folder, err;

	folder = state_lock_folder(dir);
	if (folder < 0)
		return folder == -ENOENT ? 0 : folder;
	err = state_prune_folder(folder, keep);
	close(folder);
	return err;
}

static int state_write_state(int fd, const struct state *state, const char *key)
{
	struct tail tail;
	int err;

	state_fill_tail(&tail, key, state->memory, state->count);
	tail.up = state->up;
	err = state_sum_up(&tail, state, fd);
	if (!err)
		err = state_write_at(fd, state->devices, state->count,
				     state->memory);
	if (!err)
		err = state_write_at(fd, (char *)&tail, sizeof(tail),
				     state->memory + state->count);
	return err;
}

int state_save(const struct state *state, const char *dir, const char *key,
	       long keep)
{
	int folder, fd, err;

	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	folder = state_lock_folder(dir);
	if (folder < 0)
		return folder;
	/* Makes room first, and removes what one that was killed has left. */
	err = state_prune_folder(folder, keep - 1);
	fd = openat(folder, STATE_NEW, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
		    0600);
	if (fd < 0) {
		err = -errno;
		goto out_close_folder;
	}

	err = state_write_state(fd, state, key);
	if (close(fd) < 0 && !err)
		err = -errno;
	if (!err && renameat(folder, STATE_NEW, folder, key) < 0)
		err = -errno;
	if (err < 0)
		unlinkat(folder, STATE_NEW, 0);
out_close_folder:
	close(folder);
	return err;
}
