/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * script - what bash runs for a step; kept as the stamp when it has ended well
 *
 * The script of a recipe's step begins with its two lists:
 *
 *	# in FILE...
 *	# out FILE...
 */
#ifndef STEP_SCRIPT_H
#define STEP_SCRIPT_H

#include <stdbool.h>

struct script {
	char *in; /* the files that the step is given, separated by blanks */
	char *out; /* those that it makes */
	const char *body; /* the rest, in the text that was parsed */
};

/* Returns false if the text does not begin with the lists; *ret is then empty. */
bool script_parse(struct script *ret, const char *text);

/* Free the lists. */
void script_fini(struct script *script);

/* Does a stamp with the text was, at path, stand for the script text? */
bool script_is_stamped(const char *text, const char *was, const char *path);

#endif
