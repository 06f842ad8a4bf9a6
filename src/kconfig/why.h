/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * why - explains why a symbol does not have the value that was asked for
 */
#ifndef WHY_H
#define WHY_H

struct asked_line;

/*
 * A sentence about a line whose symbol has another value: the unmet dependency and
 * its reason, or what decides the value instead.  The caller frees it.  NULL if
 * there is no memory.
 */
char *why_lost(const struct asked_line *ask);

#endif
