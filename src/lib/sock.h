/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sock - unix sockets in a folder
 *
 * The folder's path may be longer than the 107 bytes that a socket's path may have.
 */
#ifndef LIB_SOCK_H
#define LIB_SOCK_H

#include <sys/types.h>

/*
 * Listen under this name; only our own user may connect.  A file that has the name
 * is removed first.  Returns a non-blocking descriptor or -errno.
 */
int sock_listen(const char *dir, const char *name, int clients);

/* Returns a connected descriptor or -errno. */
int sock_connect(const char *dir, const char *name);

/*
 * Send these bytes, and with them copies of so many descriptors, at most SOCK_FDS.  The flags
 * are those of sendmsg().  Returns how many bytes went, or -errno.
 */
#define SOCK_FDS 16
ssize_t sock_send(int fd, const void *bytes, size_t size, const int *fds,
		  size_t count, int flags);

/* Remove the name. */
void sock_unlink(const char *dir, const char *name);

#endif
