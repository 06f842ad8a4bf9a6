// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of saved machines: what makes another key, what is read back, and that
 * no damage goes unnoticed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "test/lib/tap.h"
#include "vm/qemu/state.h"

#define PAGE 4096
#define SIZE (1024 * PAGE)
#define KEY "0123456789abcdef0123456789abcdef"
#define DEVICES "what the devices are"

static char dir[64] = "/tmp/test-state.XXXXXX";

static char *path_of(const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static const char *key_of(char *const *words, const char *const *files,
			  bool is_kvm)
{
	static char keys[4][STATE_KEY];
	static int i;

	i = (i + 1) % 4;
	if (state_key(keys[i], words, files, is_kvm) < 0)
		snprintf(keys[i], STATE_KEY, "no key");
	return keys[i];
}

static void test_key(void)
{
	char a[] = "a", b[] = "b", ab[] = "ab", none[] = "";
	char *const words[] = { a, b, NULL };
	char *const other[] = { ab, none, NULL };
	char *file = strdup(path_of("input"));
	const char *const files[] = { file, NULL };
	const char *const gone[] = { file, "/nonexistent", NULL };
	char key[STATE_KEY];
	char *first;

	file_write(file, "kernel");
	first = strdup(key_of(words, files, false));
	ok(strlen(first) == STATE_KEY - 1, "a key");
	is_text(key_of(words, files, false), first, "the same for the same");
	ok(strcmp(key_of(other, files, false), first),
	   "... but not for words that are cut elsewhere");
	ok(strcmp(key_of(words, files, true), first), "... nor with KVM");
	file_write(file, "kErnel");
	ok(strcmp(key_of(words, files, false), first),
	   "... nor for another file of the same name and size");
	ok(state_key(key, words, gone, false) == -ENOENT,
	   "a file that is not there has none");
	unlink(file);
	free(first);
	free(file);
}

/* A few pages, the last one among them, and holes. */
static int make_memory(void)
{
	char page[PAGE];
	int fd = memfd_create("memory", 0);

	if (ftruncate(fd, SIZE) < 0)
		exit(1);
	memset(page, 'x', PAGE);
	if (pwrite(fd, page, PAGE, 0) < 0 ||
	    pwrite(fd, page, PAGE, SIZE - PAGE) < 0)
		exit(1);
	page[PAGE - 1] = 'y';
	if (pwrite(fd, page, PAGE, 500 * PAGE) < 0)
		exit(1);
	/* Touched, and zero again. */
	memset(page, 0, PAGE);
	if (pwrite(fd, page, PAGE, 600 * PAGE) < 0)
		exit(1);
	return fd;
}

static int save_as(const char *key, long keep)
{
	static char devices[] = DEVICES;
	struct state state = {
		.fd = make_memory(),
		.memory = SIZE,
		.up = 1234567890123,
		.devices = devices,
		.count = strlen(DEVICES),
	};
	int err;

	err = state_save(&state, dir, key, keep);
	close(state.fd);
	return err;
}

/* What is wrong with the state; "" if nothing is. */
static const char *wrong(const char *key, u64 memory)
{
	static char text[200];
	struct state state;
	char *why = NULL;
	int err;

	err = state_open(&state, dir, key, memory, &why);
	if (!err) {
		err = state_check(&state, &why);
		state_close(&state);
	}
	snprintf(text, sizeof(text), "%s",
		 !err ? "" : why ? why : strerror(-err));
	free(why);
	return text;
}

static bool same_memory(int a, int b)
{
	char x[PAGE], y[PAGE];
	off_t at;

	for (at = 0; at < SIZE; at += PAGE)
		if (pread(a, x, PAGE, at) != PAGE ||
		    pread(b, y, PAGE, at) != PAGE || memcmp(x, y, PAGE))
			return false;
	return true;
}

static void test_save(void)
{
	int memory = make_memory();
	struct state state;
	struct stat st;
	char *why = NULL;

	ok(state_open(&state, dir, KEY, SIZE, &why) == -ENOENT,
	   "at first there is none");
	ok(!save_as(KEY, 1), "one is saved");
	if (!ok(!state_open(&state, dir, KEY, SIZE, &why), "and opened"))
		return;
	ok(!state_check(&state, &why), "and good");
	ok(state.count == strlen(DEVICES) &&
	   !memcmp(state.devices, DEVICES, state.count), "its devices are back");
	ok(same_memory(state.fd, memory), "so is its memory");
	ok(state.up == 1234567890123, "it is known how long it had run");
	fstat(state.fd, &st);
	ok((st.st_mode & 07777) == 0600, "nobody else may read it");
	ok(st.st_blocks * 512 <= 64 * PAGE, "pages of zero take no room");
	state_close(&state);
	close(memory);
}

static void flip(off_t at, int bit)
{
	int fd = open(path_of(KEY), O_RDWR);
	char c = 0;

	if (pread(fd, &c, 1, at) != 1)
		exit(1);
	c ^= 1 << bit;
	if (pwrite(fd, &c, 1, at) != 1)
		exit(1);
	close(fd);
}

static void test_flipped(void)
{
	static const off_t memory[] = { 0, PAGE - 1, PAGE, 500 * PAGE + 77,
		600 * PAGE, 700 * PAGE, SIZE - 1 };
	struct stat st;
	int missed = 0;
	size_t i;
	off_t at;

	save_as(KEY, 1);
	for (i = 0; i < sizeof(memory) / sizeof(*memory); i++) {
		flip(memory[i], i % 8);
		missed += !*wrong(KEY, SIZE);
		flip(memory[i], i % 8);
	}
	ok(!missed, "one bit of the memory is flipped, also where it is zero");
	stat(path_of(KEY), &st);
	for (at = SIZE; at < st.st_size; at++) {
		flip(at, at % 8);
		missed += !*wrong(KEY, SIZE);
		flip(at, at % 8);
	}
	ok(!missed, "... or of any byte behind it");
	is_text(wrong(KEY, SIZE), "", "... and flipped back");
}

static void test_foreign(void)
{
	static const char *const cut = "it is cut off, or no saved machine";
	static const char *const other = "it is another machine's";
	char *from = strdup(path_of(KEY));
	char text[1000] = {};
	struct stat st;

	save_as(KEY, 1);
	is_text(wrong(KEY, SIZE / 2), other, "a machine with less memory");
	rename(from, path_of("fedcba9876543210fedcba9876543210"));
	is_text(wrong("fedcba9876543210fedcba9876543210", SIZE), other,
		"a state of another key");
	unlink(path_of("fedcba9876543210fedcba9876543210"));

	save_as(KEY, 1);
	stat(from, &st);
	if (truncate(from, st.st_size - 1) < 0)
		exit(1);
	is_text(wrong(KEY, SIZE), cut, "one byte is missing");
	if (truncate(from, 0) < 0)
		exit(1);
	is_text(wrong(KEY, SIZE), cut, "all is missing");
	memset(text, 'x', sizeof(text) - 1);
	file_write(from, text);
	is_text(wrong(KEY, SIZE), cut, "a text");
	unlink(from);
	mkfifo(from, 0600);
	is_text(wrong(KEY, SIZE), cut, "a fifo, which nobody waits for");
	unlink(from);
	if (symlink("/dev/zero", from) < 0)
		exit(1);
	ok(*wrong(KEY, SIZE), "a link");
	unlink(from);
	free(from);
}

static bool is_there(const char *key)
{
	return !access(path_of(key), F_OK);
}

static void use(const char *key)
{
	/* Files get their dates from a clock that ticks every few ms. */
	usleep(20000);
	wrong(key, SIZE);
}

static void test_keep(void)
{
	static const char *const keys[] = {
		"00000000000000000000000000000000",
		"11111111111111111111111111111111",
		"22222222222222222222222222222222",
		"33333333333333333333333333333333",
	};
	int i;

	for (i = 0; i < 3; i++) {
		save_as(keys[i], 3);
		use(keys[i]);
	}
	use(keys[0]);
	file_write(path_of("other"), "of somebody else");
	file_write(path_of(STATE_NEW), "half of one");
	save_as(keys[3], 3);
	ok(is_there(keys[0]) && !is_there(keys[1]) && is_there(keys[2]) &&
	   is_there(keys[3]), "the one that was not used for longest goes");
	ok(is_there("other"), "what is no state stays");
	ok(!is_there(STATE_NEW), "what was not finished goes");
	state_prune(dir, 1);
	use(keys[3]);
	ok(!is_there(keys[0]) && !is_there(keys[2]) && is_there(keys[3]),
	   "fewer are kept when asked");
	state_prune(dir, 0);
	ok(!is_there(keys[3]), "or none");
	ok(!state_prune("/nonexistent", 1), "where there is none, none is kept");
}

static void test_refused(void)
{
	int folder = open(dir, O_RDONLY | O_DIRECTORY);

	flock(folder, LOCK_EX);
	ok(save_as(KEY, 1) == -EAGAIN, "another process saves: not twice");
	ok(!is_there(KEY), "... so there is none");
	close(folder);
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	test_key();
	test_save();
	test_flipped();
	test_foreign();
	test_keep();
	test_refused();
	unlink(path_of("other"));
	rmdir(dir);
	return tap_done();
}
