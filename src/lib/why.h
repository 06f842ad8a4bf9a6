/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * why - the sentence that explains a failure to the user
 *
 * A function that fails returns -errno; one whose failure needs more words than
 * strerror() has takes a `char **why` as well.  The caller frees the text.
 */
#ifndef LIB_WHY_H
#define LIB_WHY_H

#include "lib/macros.h"

/* Store the formatted text in *why and return err. */
int why_set(char **why, int err, const char *fmt, ...) __printf(3, 4);

#endif
