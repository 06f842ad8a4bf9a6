/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * load - reads what was noted
 */
#ifndef RESULTS_LOAD_H
#define RESULTS_LOAD_H

#include <jansson.h>
#include <stddef.h>

struct result_line {
	json_t *json;
	double time;
	size_t number; /* among all, in the order in which they were read */
	char id[17]; /* of its text */
};

struct results {
	struct result_line *line; /* the oldest first */
	size_t count;
	size_t room;
	size_t bad; /* lines that are none */
	const char *job; /* only those of this one; NULL: all */
};

/* Add the lines of the file.  Returns 0 or -errno. */
int results_read(struct results *results, const char *path);

/* To be called when all files were read. */
void results_sort(struct results *results);

void results_fini(struct results *results);

/* A field's text, or "" if the line has none. */
const char *results_text(const json_t *line, const char *field);

#endif
