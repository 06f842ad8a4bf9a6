/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text - makes text from others harmless for a terminal
 *
 * A guest, or a program that we start, may write escape sequences.  No control
 * character of theirs may reach the user's terminal in a sentence of ours.
 */
#ifndef LIB_TEXT_H
#define LIB_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* Replace each control character among the first `size` bytes by mark. */
void text_disarm(char *text, size_t size, char mark);

/* Print `size` bytes, with '?' in place of each control character. */
void text_print(FILE *out, const char *text, size_t size);

#endif
