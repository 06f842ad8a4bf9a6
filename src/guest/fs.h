/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs - uses the kernel's own file systems, whether the root has mounted them or not
 */
#ifndef GUEST_FS_H
#define GUEST_FS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Mount a file system of this type where only we see it.  Returns a descriptor of
 * its root, or -errno.
 */
int fs_mount(const char *type);

/* The same, or open this folder if we may not mount. */
int fs_open_folder(const char *type, const char *folder);

/* Open a file of /proc, or of /dev.  Both return a descriptor, or -errno. */
int fs_open_proc(const char *path, int flags);
int fs_open_dev(const char *path, int flags);

/*
 * Read a file's beginning as a text into to; path is one in the folder at.  Returns its
 * size, or a negative number.
 */
ssize_t fs_read(int at, const char *path, char *to, size_t room);

/* Protect the agent from the OOM killer, or unprotect a process that it starts. */
void fs_protect(bool is_agent);

/* In a process of the agent: close what the agent holds open. */
void fs_release(void);

#endif
