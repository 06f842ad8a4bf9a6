// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/str.h"
#include "lib/xmalloc.h"
#include "results/append.h"

/* Make the folders above the file. */
static int append_make_folders(const char *path)
{
	char *copy = xstrdup(path);
	char *slash;
	int err = 0;

	for (slash = strchr(copy + 1, '/'); slash && !err;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0777) < 0 && errno != EEXIST)
			err = -errno;
		*slash = '/';
	}
	free(copy);
	return err;
}

/* The file locked, its size in *size; or -errno. */
static int append_open(const char *path, off_t *size)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	struct stat st;
	int err;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX) < 0 || fstat(fd, &st) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	*size = st.st_size;
	return fd;
}

/* Does the file end in the middle of a line? */
static bool append_is_torn(int fd, off_t size)
{
	char last = '\n';

	return size && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

int append_line(const char *path, const char *text)
{
	int err = append_make_folders(path);
	off_t size = 0;
	int fd = err ? err : append_open(path, &size);
	ssize_t len, count;
	char *line;

	if (fd < 0)
		return fd;
	line = str_printf("%s%s\n", append_is_torn(fd, size) ? "\n" : "", text);
	len = strlen(line);
	count = write(fd, line, len);
	if (count < 0)
		err = -errno;
	else if (count < len)
		err = -ENOSPC;
	if (err && ftruncate(fd, size) < 0)
		err = -errno;
	free(line);
	close(fd);
	return err;
}
