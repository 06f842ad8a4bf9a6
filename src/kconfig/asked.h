/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * asked - what files in the form of a .config ask for
 *
 * Files come in layers.  Of two lines about one symbol the later one counts,
 * and an answer to a choice takes the place of those in layers below; two
 * answers in one layer are a problem.
 */
#ifndef ASKED_H
#define ASKED_H

#include <stdbool.h>

struct symbol;

struct ask {
	struct ask *next;
	const char *file;
	int line;
	int layer;
	int number; /* among all lines */
	struct symbol *sym; /* NULL if there is none of this name */
	char *text; /* the line as it is */
	char *value; /* n for "is not set"; strings without their quotes */
	char *problem; /* a sentence, or NULL */
	bool replaced; /* another line has the say */
};

struct asked {
	struct ask *first;
	struct ask **end;
	int count;
	bool is_own; /* by Kconfig: what nobody can set may have changed */
};

/*
 * Add the lines of a file, whose name must stay; the symbols are known by then.
 * What is wrong with a line is noted in it.  Returns 0 or -errno.
 */
int asked_read(struct asked *asked, const char *file, int layer);

/*
 * Read FILE... [-- FILE...]..., up to NULL; files after -- are a layer above.
 * Returns 0, or -errno with the name of the file that failed.
 */
int asked_read_all(struct asked *asked, char **files, const char **ret_file);

/* Has the line the say about its symbol? */
bool asked_counts(const struct ask *ask);

/* Write the lines that count.  Returns 0 or -errno. */
int asked_write(const struct asked *asked, const char *file);

/* The line that decides about a symbol, or NULL. */
const struct ask *asked_of(const struct symbol *sym);

/* A line with another answer to the same choice, or NULL. */
const struct ask *asked_rival(const struct ask *ask);

#endif
