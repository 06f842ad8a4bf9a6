/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs - the kernel's own file systems, whether the root has mounted them or not
 */
#ifndef GUEST_FS_H
#define GUEST_FS_H

#include <stdbool.h>

/*
 * Mount a file system of this type where only we see it.  Returns a descriptor
 * of its folder, or -errno.
 */
int fs_mount(const char *type);

/* The same, or where it is mounted if we may not. */
int fs_open_folder(const char *type, const char *folder);

/* Open a file of /proc, or of /dev.  Both return a descriptor, or -errno. */
int fs_open_proc(const char *path, int flags);
int fs_open_dev(const char *path, int flags);

/*
 * The agent must not be ended when memory is short; a process that it starts
 * may be.
 */
void fs_protect(bool is_agent);

/* For a process of the agent: let go of what the agent holds open. */
void fs_release(void);

#endif
