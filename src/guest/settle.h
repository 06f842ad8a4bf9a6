/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * settle - waits until the root's own init has done its basic set-up
 *
 * That is busybox's sysinit, or systemd's basic.target: a command that comes earlier
 * would not find what it finds a minute later.  Other inits are not waited for.
 */
#ifndef GUEST_SETTLE_H
#define GUEST_SETTLE_H

/*
 * In the agent: have a process of its own watch the first one, which is to become
 * the root's init: then the descriptor `started' is at its end, and is closed.  Give
 * up after so many seconds.
 */
void settle_watch(int started, int seconds);

/*
 * Wait, as long as no signal kills us.  Returns 0, or -ETIMEDOUT if init was waited
 * for in vain; at once if nothing is watched.
 */
int settle_wait(void);

#endif
