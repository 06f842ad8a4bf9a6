/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * write - results in the forms of others
 */
#ifndef RESULTS_WRITE_H
#define RESULTS_WRITE_H

#include <stdio.h>

#include "results/load.h"

/* JUnit's XML: a suite for each result, a case for each of its tests. */
void write_junit(FILE *out, const struct results *results);

/* KCIDB's report, version 5.3, by the CI system `origin'. */
void write_kcidb(FILE *out, const struct results *results, const char *origin);

/*
 * What the page of the report reads, as two elements of HTML: a short row for each result,
 * and their lines.  No `<' is in either.
 */
void write_page(FILE *out, const struct results *results);

#endif
