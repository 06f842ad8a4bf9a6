/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shell - root's shell on the console, in place of an init
 */
#ifndef GUEST_SHELL_H
#define GUEST_SHELL_H

/* For the first process: run the shell until it ends. */
void shell_run(void);

#endif
