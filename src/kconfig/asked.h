/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * asked - the lines of files in the form of a .config
 *
 * Files come in layers.  Of two lines about one symbol the later one counts.  An
 * answer to a choice overrides answers in lower layers; two answers in one layer
 * are an error.
 */
#ifndef ASKED_H
#define ASKED_H

#include <stdbool.h>

struct symbol;

/* Characters of a value; programs get it as one word, make as part of many. */
#define ASKED_LONGEST 8192

struct asked_line {
	struct asked_line *next;
	const char *file;
	int line;
	int layer;
	int number; /* among all lines */
	struct symbol *sym; /* NULL if there is none of this name */
	char *text; /* the line as it is */
	char *value; /* n for "is not set"; strings without their quotes */
	char *problem; /* a sentence, or NULL */
	bool replaced; /* another line overrides it */
};

struct asked {
	struct asked_line *first;
	struct asked_line **end;
	int count;
	bool is_own; /* written by Kconfig: symbols without prompt may differ */
};

/*
 * Add the lines of a file.  The menu must have been read; `file` must stay valid.
 * Errors are noted in the lines.  Returns 0 or -errno.
 */
int asked_read(struct asked *asked, const char *file, int layer);

/*
 * Read FILE... [-- FILE...]..., up to NULL; files after -- are a layer above.
 * Returns 0, or -errno with the name of the file that failed.
 */
int asked_read_all(struct asked *asked, char **files, const char **ret_file);

/* Does this line decide the value of its symbol? */
bool asked_counts(const struct asked_line *ask);

/* Write the lines that count.  Returns 0 or -errno. */
int asked_write(const struct asked *asked, const char *file);

/* The line that decides the value of a symbol, or NULL. */
const struct asked_line *asked_of(const struct symbol *sym);

/* A line with another answer to the same choice, or NULL. */
const struct asked_line *asked_rival(const struct asked_line *ask);

#endif
