/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ready - a process in the background tells its parent that the machine is up
 *
 * The two ends of a pipe: the child writes a byte when the machine is up, or ends
 * before.
 */
#ifndef VM_READY_H
#define VM_READY_H

#include <sys/types.h>

/*
 * The parent goes on now.  Standard error goes with it: what is said from now on
 * is lost.
 */
void ready_tell(int fd);

/* Wait for the child.  Returns 0 if the machine is up, else the child's status. */
int ready_await(int fd, pid_t pid);

#endif
