// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/xmalloc.h"

void xmalloc_fail(void)
{
	fprintf(stderr, "%s: out of memory\n", program_invocation_short_name);
	abort();
}

/* For a size of 0, NULL is no failure. */
static void *xmalloc_check(void *memory, size_t size)
{
	if (!memory && size)
		xmalloc_fail();
	return memory;
}

void *xmalloc(size_t size)
{
	return xmalloc_check(malloc(size), size);
}

void *xcalloc(size_t count, size_t size)
{
	return xmalloc_check(calloc(count, size), count && size);
}

void *xreallocarray(void *memory, size_t count, size_t size)
{
	return xmalloc_check(reallocarray(memory, count, size), count && size);
}

char *xstrdup(const char *text)
{
	return xmalloc_check(strdup(text), 1);
}
