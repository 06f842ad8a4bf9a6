/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shell - does what an init would do: starts scripts, and root's shell on the console
 */
#ifndef GUEST_SHELL_H
#define GUEST_SHELL_H

/* Run the shell until it ends; called by the first process. */
void shell_run(void);

/* Run /etc/init.d/S* as rcS of the lab's own root does; called by the first process. */
void shell_run_scripts(void);

#endif
