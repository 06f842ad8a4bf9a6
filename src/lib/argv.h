/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * argv - the words of a command, collected one after another
 *
 * Begin with `struct argv argv = {}`.
 */
#ifndef LIB_ARGV_H
#define LIB_ARGV_H

#include <stddef.h>
#include <stdio.h>

#include "lib/macros.h"

struct argv {
	char **word; /* count words and a NULL; itself NULL while empty */
	size_t count;
	size_t room;
};

/* Free the words; the vector is then empty and can be used again. */
void argv_fini(struct argv *argv);

/* Append a copy of word. */
void argv_add(struct argv *argv, const char *word);

/* Append one word, made as by printf. */
void argv_addf(struct argv *argv, const char *fmt, ...) __printf(2, 3);

/* Put another word, made as by printf, in the place of word i, which is there. */
void argv_setf(struct argv *argv, size_t i, const char *fmt, ...) __printf(3, 4);

/*
 * Split text into words as a shell does, by blanks, quotes and backslashes,
 * and append them.  Nothing is expanded; $ * ~ # ; | and the like are ordinary
 * characters.  Returns 0, or -EINVAL when a quote is not closed or the text
 * ends in a backslash; nothing is appended then.
 */
int argv_split(struct argv *argv, const char *text);

/* Print the words so that a shell reads back the same; no newline at the end. */
void argv_print(const struct argv *argv, FILE *out);

#endif
