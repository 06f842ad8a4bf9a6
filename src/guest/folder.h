/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * folder - look for an entry of a folder; not opendir(), which allocates
 */
#ifndef GUEST_FOLDER_H
#define GUEST_FOLDER_H

#include <stdbool.h>

#include "text.h"

/* Is the entry of this name, in the folder of this descriptor, the right one? */
typedef bool folder_test(int folder, const char *name, const void *wanted);

/*
 * Look in a folder for an entry with a name that begins like this and passes the
 * test, if there is one; its name goes to ret.
 */
bool folder_find(struct text *ret, int at, const char *folder,
		 const char *prefix, folder_test *test, const void *wanted);

#endif
