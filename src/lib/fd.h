/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fd - descriptors that others gave us
 */
#ifndef LIB_FD_H
#define LIB_FD_H

#include <sys/types.h>

/*
 * Open what fd writes to once more, so that writing never blocks: O_NONBLOCK on
 * fd itself would be one for all who share it, a shell for one.  Returns a
 * descriptor or -errno: -EINVAL for what needs none, files and sockets.
 */
int fd_open_nonblocking(int fd);

/* Read as read() does, also when a signal comes.  Returns bytes or -errno. */
ssize_t fd_read(int fd, void *bytes, size_t size);

#endif
