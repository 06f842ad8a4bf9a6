/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * facts - which kernel it was
 */
#ifndef RESULTS_FACTS_H
#define RESULTS_FACTS_H

#include <jansson.h>

/* Set what can be told of the kernel in the output folder: kernel, arch, config, build. */
void facts_of_lab(json_t *line, const char *lab);

#endif
