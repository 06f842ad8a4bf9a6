/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lock - lets one process at a time work in a folder
 *
 * The kernel drops the lock when its holder ends, however that happens.  The file
 * stays behind and blocks nobody.
 */
#ifndef LIB_LOCK_H
#define LIB_LOCK_H

#include <sys/types.h>

/*
 * Create the file at path if needed, lock it, and write our process id into it.
 * Returns a descriptor whose close() drops the lock, or -errno: -EAGAIN if another
 * process holds it; *holder is then its id, or 0 if that is unknown.
 */
int lock_take(const char *path, pid_t *holder);

/*
 * Create the file at path if needed and lock it, as soon as nobody else holds it.
 * Returns a descriptor whose close() drops the lock, or -errno: -EINTR if fd
 * becomes readable before.
 */
int lock_await(const char *path, int fd);

/*
 * Open the folder, as openat() does, and lock it as soon as nobody else holds it.
 * Returns a descriptor whose close() drops the lock, or -errno.
 */
int lock_folder(int at, const char *name);

#endif
