// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/sock.h"
#include "lib/str.h"

/* The path leads through a descriptor of the folder, which the caller closes. */
static int sock_make_address(struct sockaddr_un *address, const char *dir,
			     const char *name)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(address->sun_path, sizeof(address->sun_path),
		 "/proc/self/fd/%d/%s", fd, name);
	return fd;
}

int sock_listen(const char *dir, const char *name, int clients)
{
	struct sockaddr_un address;
	int folder, fd, err = 0;
	mode_t mask;

	folder = sock_make_address(&address, dir, name);
	if (folder < 0)
		return folder;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		err = -errno;
		goto out_close_folder;
	}

	unlinkat(folder, name, 0);
	mask = umask(0177);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, clients) < 0)
		err = -errno;
	umask(mask);
	if (err)
		close(fd);
out_close_folder:
	close(folder);
	return err ? err : fd;
}

int sock_connect(const char *dir, const char *name)
{
	struct sockaddr_un address;
	int folder, fd, err = 0;

	folder = sock_make_address(&address, dir, name);
	if (folder < 0)
		return folder;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		err = -errno;
	if (err && fd >= 0)
		close(fd);
	close(folder);
	return err ? err : fd;
}

ssize_t sock_send(int fd, const void *bytes, size_t size, const int *fds,
		  size_t count, int flags)
{
	struct iovec iov = { .iov_base = (void *)bytes, .iov_len = size };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(SOCK_FDS * sizeof(int))];
	} control = {
		.head = {
			.cmsg_len = CMSG_LEN(count * sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		},
	};
	const struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)),
	};
	ssize_t n;

	memcpy(CMSG_DATA(&control.head), fds, count * sizeof(int));
	n = sendmsg(fd, &message, flags);
	return n < 0 ? -errno : n;
}

void sock_unlink(const char *dir, const char *name)
{
	char *path = str_printf("%s/%s", dir, name);

	unlink(path);
	free(path);
}
