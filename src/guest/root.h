/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * root - mounts the kernel's file systems in the root, and finds the root
 */
#ifndef GUEST_ROOT_H
#define GUEST_ROOT_H

#include <stdbool.h>

/*
 * Mount proc, sysfs, devtmpfs, devpts and a tmpfs for shared memory where there are
 * folders for them and nothing is mounted.  Failures are ignored.
 */
void root_mount(void);

/*
 * Prepare a root whose own init is not started: the same with all others of the
 * kernel's file systems, /tmp and /run, and the host name.
 */
void root_prepare(void);

/*
 * If the first process has left the initramfs for another root, follow it there.
 * Returns true if this process is in a root that is not the initramfs.
 */
bool root_follow(void);

#endif
