// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/file.h"
#include "lib/str.h"
#include "lib/xmalloc.h"

static int file_read_all(char **ret, size_t *count, int fd)
{
	size_t room = 4096, size = 0;
	char *text = xmalloc(room);
	ssize_t n;

	while ((n = fd_read(fd, text + size, room - size - 1)) > 0) {
		size += n;
		if (size == room - 1) {
			room *= 2;
			text = xreallocarray(text, room, 1);
		}
	}
	if (n < 0) {
		free(text);
		return n;
	}

	text[size] = '\0';
	*ret = text;
	*count = size;
	return 0;
}

int file_read_bytes(char **ret, size_t *count, const char *path)
{
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;

	err = file_read_all(ret, count, fd);
	close(fd);
	return err;
}

int file_read(char **ret, const char *path)
{
	size_t count;

	return file_read_bytes(ret, &count, path);
}

int file_write(const char *path, const char *text)
{
	char *tmp = str_printf("%s.tmp", path);
	int fd, err;

	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0) {
		err = -errno;
		goto err_free_tmp;
	}

	err = fd_write(fd, text, strlen(text));
	if (close(fd) < 0 && !err)
		err = -errno;
	if (!err && rename(tmp, path) < 0)
		err = -errno;
	if (err < 0)
		unlink(tmp);

err_free_tmp:
	free(tmp);
	return err;
}
