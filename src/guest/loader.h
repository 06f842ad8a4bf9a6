/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * loader - finds why the kernel says ENOENT for a program that is there
 */
#ifndef GUEST_LOADER_H
#define GUEST_LOADER_H

#include "guest/text.h"

/*
 * The program of this name, sought in PATH as execvp() does, may be there, but not
 * its ELF loader or the interpreter after its "#!".  Appends a sentence to why that
 * says so; appends nothing if this is not the reason.
 */
void loader_explain(const char *program, struct text *why);

#endif
