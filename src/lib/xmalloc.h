/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xmalloc - memory, or the end of the program
 *
 * A program of the host that gets no memory cannot do what it was asked for.  It
 * says so and aborts, which no exit status of a command can be mistaken for.
 * This is the one place where the library prints, and where it ends a program;
 * the guest's programs never use it.
 */
#ifndef LIB_XMALLOC_H
#define LIB_XMALLOC_H

#include <stddef.h>
#include <stdnoreturn.h>

/* As malloc() and the like, but never NULL. */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xreallocarray(void *memory, size_t count, size_t size);
char *xstrdup(const char *text);

/* To be called when something else could not be allocated. */
noreturn void xmalloc_fail(void);

#endif
