/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cases - the single tests that a command has told of in TAP or KTAP
 */
#ifndef RESULTS_CASES_H
#define RESULTS_CASES_H

#include <jansson.h>
#include <stddef.h>

#define CASES_MAX 10000

/*
 * An array of { name, verdict, why }, in their order.  A line that sums up the indented ones
 * before it is left out.  NULL if there are none.
 */
json_t *cases_of(const char *text, size_t size);

#endif
