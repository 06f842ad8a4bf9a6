// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/fs.h"
#include "guest/text.h"
#include "guest/work.h"
#include "lib/fd.h"
#include "lib/frame.h"

static char temporary[PATH_MAX]; /* the path of a PUT's temporary file */
static int kmsg = -1; /* positioned behind the old messages */

static void work_remove_temporary(int sig)
{
	unlink(temporary);
	_exit(128 + sig);
}

void work_prepare(u16 type)
{
	if (type == FRAME_PUT)
		signal(SIGTERM, work_remove_temporary);
}

static int work_copy(int from, int to)
{
	static char bytes[65536];
	ssize_t n;
	int err;

	for (;;) {
		n = read(from, bytes, sizeof(bytes));
		if (!n)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		err = n > 0 ? fd_write(to, bytes, n) : 0;
		if (err < 0)
			return err;
	}
}

/* The same by splice(), where that works. */
static int work_move(int from, int to)
{
	ssize_t n;

	do {
		n = splice(from, NULL, to, NULL, FRAME_WINDOW, 0);
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (!n)
		return 0;
	return errno == EINVAL ? work_copy(from, to) : -errno;
}

/* A name in the folder of path that no other process uses. */
static int work_name_temporary(const char *path)
{
	struct text text = TEXT_IN(temporary);
	const char *slash = strrchr(path, '/');

	if (slash)
		text_add_bytes(&text, path, slash + 1 - path);
	text_add(&text, ".kiln-");
	text_add_number(&text, getpid());
	return text.size == sizeof(temporary) - 1 ? -ENAMETOOLONG : 0;
}

static int work_write_temporary(int fd, const char *path, u32 mode,
				const struct timespec *changed)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };
	int err = work_move(STDIN_FILENO, fd);

	if (err < 0)
		return err;
	if (changed) {
		times[1] = *changed;
		/* Some file systems keep no such time, but the file counts. */
		futimens(fd, times);
	}
	if (fchmod(fd, mode & 07777) < 0 || rename(temporary, path) < 0)
		return -errno;
	return 0;
}

int work_put(const char *path, u32 mode, const struct timespec *changed)
{
	int err, fd;

	err = work_name_temporary(path);
	if (err < 0)
		return err;
	/* An earlier boot may have left one. */
	unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;

	err = work_write_temporary(fd, path, mode, changed);
	if (close(fd) < 0 && !err)
		err = -errno;
	if (err < 0)
		unlink(temporary);
	return err;
}

static int work_send_stat(int report, const struct stat *st)
{
	const struct frame frame = { .size = 24, .stream = 1, .type = FRAME_STAT };
	char bytes[FRAME_HEAD + 24];
	char *to = bytes + FRAME_HEAD;

	frame_write(bytes, &frame);
	to = frame_put64(frame_put32(to, st->st_mode), st->st_size);
	frame_put32(frame_put64(to, st->st_mtim.tv_sec), st->st_mtim.tv_nsec);
	return fd_write(report, bytes, sizeof(bytes));
}

int work_get(const char *path, int report)
{
	struct stat st;
	int err, fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	err = work_send_stat(report, &st);
	if (err < 0)
		return err;
	return work_move(fd, STDOUT_FILENO);
}

static void work_listen_to_kernel(void)
{
	kmsg = fs_open_dev("kmsg", O_RDONLY | O_NONBLOCK);
	if (kmsg >= 0)
		lseek(kmsg, 0, SEEK_END);
}

/* A record is "numbers;the message\n", perhaps with " KEY=value\n" behind it. */
static void work_add_record(struct text *text, char *record)
{
	const char *message = strchr(record, ';');

	if (!message)
		return;
	text_add(text, "\n");
	text_add_bytes(text, message + 1, strcspn(message + 1, "\n"));
}

size_t work_words(char *to, size_t room)
{
	struct text text = { .bytes = to, .room = room };
	char record[8193];
	ssize_t n;

	if (kmsg < 0)
		return 0;
	do {
		n = read(kmsg, record, sizeof(record) - 1);
		record[n > 0 ? n : 0] = '\0';
		work_add_record(&text, record);
	} while (n > 0 || (n < 0 && (errno == EPIPE || errno == EINTR)));
	return text.size;
}

/* finit_module() rejects a file that is open for writing. */
static int work_reopen(int fd)
{
	char path[40];
	struct text text = TEXT_IN(path);

	text_add(&text, "self/fd/");
	text_add_number(&text, fd);
	return fs_open_proc(path, O_RDONLY);
}

int work_load(const char *parameters)
{
	int err, fd, image;

	fd = memfd_create("module", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = work_move(STDIN_FILENO, fd);
	if (err < 0)
		return err;
	image = work_reopen(fd);
	if (image < 0)
		return image;
	close(fd);

	work_listen_to_kernel();
	if (syscall(SYS_finit_module, image, parameters, 0) < 0)
		return -errno;
	return 0;
}

int work_unload(const char *name, u32 flags)
{
	work_listen_to_kernel();
	if (syscall(SYS_delete_module, name, flags) < 0)
		return -errno;
	return 0;
}
