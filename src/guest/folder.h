/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * folder - searches a folder without opendir(), which allocates
 */
#ifndef GUEST_FOLDER_H
#define GUEST_FOLDER_H

#include <stdbool.h>

#include "guest/text.h"

/* Is this entry of the folder with this descriptor the right one? */
typedef bool folder_test(int folder, const char *name, const void *wanted);

/*
 * Find an entry whose name begins with prefix and that passes the test (NULL: no
 * test), and append its name to ret.
 */
bool folder_find(struct text *ret, int at, const char *folder,
		 const char *prefix, folder_test *test, const void *wanted);

#endif
