/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sock - sockets with a name in a folder
 *
 * The folder's name may be longer than a socket's may be, 107 bytes.
 */
#ifndef LIB_SOCK_H
#define LIB_SOCK_H

/*
 * Listen under this name, for ourselves alone: nobody else may connect.  What had
 * the name before is removed.  Returns a descriptor, which never blocks, or -errno.
 */
int sock_listen(const char *dir, const char *name, int clients);

/* Returns a connected descriptor or -errno. */
int sock_connect(const char *dir, const char *name);

/* Remove the name. */
void sock_unlink(const char *dir, const char *name);

#endif
