/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * note - makes the line of a result from what a run has left
 */
#ifndef RESULTS_NOTE_H
#define RESULTS_NOTE_H

#include <jansson.h>

/* What a line is made of; each may be NULL but words. */
struct note {
	const char *lab; /* the output folder in which the kernel was built */
	const char *run; /* the folder of a run, with its result.json */
	const char *tap; /* the file of what the command has printed */
	char *const *words; /* NAME=VALUE, up to NULL: these fields, before all others */
};

/*
 * Make the line.  Returns 0, or -errno with a sentence in *why, which the caller frees:
 * -ECANCELED if the run says nothing of what was run.
 */
int note_make(json_t **ret, const struct note *note, char **why);

/* Set the field of a word NAME=VALUE.  Returns 0 or -EINVAL with a sentence in *why. */
int note_take_word(json_t *line, const char *word, char **why);

/*
 * Fill in what a line from elsewhere lacks: version and time, the words, and what can be told
 * of the lab.  Returns 0 or -EINVAL with a sentence in *why.
 */
int note_complete(json_t *line, const struct note *note, char **why);

/* What a program has printed to the file: its size, and the text of both its ends. */
json_t *note_output(const char *path);

#endif
