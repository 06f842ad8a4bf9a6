/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * schema - what a line of results may hold; docs/results.md is the same for people
 */
#ifndef RESULTS_SCHEMA_H
#define RESULTS_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>

#define SCHEMA_VERSION 1

/* Is this a field whose value is one text, or one number? */
bool schema_is_text(const char *name);
bool schema_is_number(const char *name);

/* Returns 0, or -EINVAL with what is wrong in *why, which the caller frees. */
int schema_check(const json_t *line, char **why);

#endif
