/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bytes - text of a guest, as JSON and XML can hold it
 *
 * JSON is UTF-8.  A byte that is none is written as \xHH, and so
 * is NUL, which few programs expect in a text.  Who needs the bytes themselves reads the file
 * they come from.
 */
#ifndef RESULTS_BYTES_H
#define RESULTS_BYTES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* How many bytes the character at text has; 0 if there is none in UTF-8, or NUL. */
size_t bytes_character(const char *text, size_t size);

/* A JSON string of them. */
json_t *bytes_json(const char *bytes, size_t size);

/* The same for a text that ends with NUL. */
json_t *bytes_json_text(const char *text);

/* Print UTF-8 as the text or an attribute of XML, which allows few control characters. */
void bytes_print_xml(FILE *out, const char *text);

#endif
