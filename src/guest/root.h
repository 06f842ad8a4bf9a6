/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * root - what a command needs of a root whose own init was not started
 */
#ifndef GUEST_ROOT_H
#define GUEST_ROOT_H

#include <stdbool.h>

/*
 * Mount the kernel's file systems where there are folders for them, bring up the
 * loopback device, set the host name.  What cannot be had is left out.
 */
void root_prepare(void);

/*
 * The first process may have left the initramfs for another root: go there, too.
 * Returns whether this process is in a root that is none.
 */
bool root_follow(void);

#endif
