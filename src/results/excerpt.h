/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * excerpt - what of a log tells why
 */
#ifndef RESULTS_EXCERPT_H
#define RESULTS_EXCERPT_H

#include <jansson.h>
#include <stddef.h>

#define EXCERPT_MAX 16384 /* bytes, as KCIDB has it */

/* The last whole lines that fit. */
json_t *excerpt_tail(const char *text, size_t size);

/*
 * Set excerpt and marked of the line: the report, an array of lines, and what the console
 * said before it.
 */
void excerpt_report(json_t *line, const json_t *report, const char *console,
		    size_t size);

#endif
