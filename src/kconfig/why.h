/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * why - why a symbol has not the value that was asked for
 */
#ifndef WHY_H
#define WHY_H

struct ask;

/*
 * One sentence about a line whose symbol has another value: the dependency
 * that is missing and why, or what decides in its place.  NULL when out of
 * memory.
 */
char *why_lost(const struct ask *ask);

#endif
