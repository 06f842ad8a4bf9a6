/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * built - finds the files of the modules that were built here
 *
 * The modules.order in each folder modules/NAME of an output directory lists them.
 * The caller frees the paths.
 */
#ifndef VM_BUILT_H
#define VM_BUILT_H

/*
 * The path of the next module in the text of a modules.order, or NULL at its end.
 * Advances *text.
 */
char *built_next(const char **text, const char *folder);

/* The path of the module with this name, in any folder, or NULL. */
char *built_find(const char *dir, const char *name);

#endif
