/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fd - reads and writes on descriptors, also those that others gave us
 */
#ifndef LIB_FD_H
#define LIB_FD_H

#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

/*
 * Open the pipe or terminal behind fd a second time, in non-blocking mode.  Setting
 * O_NONBLOCK on fd itself would change it for all processes that share it, such as
 * the user's shell.  Returns a descriptor or -errno: -EINVAL for files and sockets,
 * which do not need it, -EBADF if fd cannot be written to.
 */
int fd_open_nonblocking(int fd);

/* Call read() again when a signal interrupts it.  Returns bytes or -errno. */
ssize_t fd_read(int fd, void *bytes, size_t size);

/*
 * Write all bytes to fd, which must be a blocking one.  Returns 0 or -errno.
 * Inline because the guest's programs do not link with this library.
 */
static inline int fd_write(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;
	ssize_t n;

	while (size) {
		n = write(fd, at, size);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			at += n;
			size -= n;
		}
	}
	return 0;
}

#endif
