/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lock - one process at a time in a folder
 *
 * The kernel drops the lock when its holder ends, however that happens, so the
 * file that stays behind blocks nobody.
 */
#ifndef LIB_LOCK_H
#define LIB_LOCK_H

#include <sys/types.h>

/*
 * Take the lock of the file at path, made if need be, and write our process id
 * into it.  Returns a descriptor whose close() gives the lock back, or -errno:
 * -EAGAIN if another process has it, with its id, or 0, in *holder.
 */
int lock_take(const char *path, pid_t *holder);

#endif
