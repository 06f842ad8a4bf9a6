/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * built - the files of the modules which were built here
 *
 * Each folder modules/NAME of an output directory has a modules.order, which lists
 * them; all paths are the caller's to free.
 */
#ifndef VM_BUILT_H
#define VM_BUILT_H

/*
 * The path of the next module that the text of a modules.order lists; *text moves
 * on.  NULL at its end.
 */
char *built_next(const char **text, const char *folder);

/* The path of the module with this name, in any folder, or NULL. */
char *built_find(const char *dir, const char *name);

#endif
