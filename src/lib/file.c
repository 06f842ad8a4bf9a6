// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "str.h"

static int read_all(char **ret, int fd)
{
	size_t room = 4096, size = 0;
	char *text, *more;
	ssize_t n;

	text = malloc(room);
	if (!text)
		return -ENOMEM;

	while ((n = read(fd, text + size, room - size - 1)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			n = -errno;
			goto err_free_text;
		}
		size += n;
		if (size < room - 1)
			continue;
		more = realloc(text, room * 2);
		if (!more) {
			n = -ENOMEM;
			goto err_free_text;
		}
		text = more;
		room *= 2;
	}

	text[size] = '\0';
	*ret = text;
	return 0;

err_free_text:
	free(text);
	return n;
}

int file_read(char **ret, const char *path)
{
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;

	err = read_all(ret, fd);
	close(fd);
	return err;
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);
	ssize_t n;

	while (left) {
		n = write(fd, text, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		left -= n;
	}
	return 0;
}

int file_write(const char *path, const char *text)
{
	char *tmp;
	int fd, err;

	tmp = str_printf("%s.tmp", path);
	if (!tmp)
		return -ENOMEM;

	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0) {
		err = -errno;
		goto err_free_tmp;
	}

	err = write_all(fd, text);
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
