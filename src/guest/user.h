/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user - who the commands of a person and the console's shell run as
 *
 *	KILN_HOST=yes				the root is the host's own system
 *	KILN_USER=UID:GROUPS:NAME:SHELL:HOME	the one who started the machine
 *
 * GROUPS are numbers with commas between them, the user's own first.  Without the
 * second one it is root.
 */
#ifndef GUEST_USER_H
#define GUEST_USER_H

#include <stdbool.h>

/* Is the root the host's own system? */
bool user_has_host(void);

/* Become the user, if there is one.  Returns 0 or -errno. */
int user_become(void);

/* The environment of such a command, ending with NULL, or of one of root's. */
const char *const *user_env(bool is_persons);

/* The user's shell; /bin/sh if none is known. */
const char *user_shell(void);

#endif
