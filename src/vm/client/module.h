/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * module - reads a module's file and the list of loaded modules
 *
 * The kernel takes '-' and '_' in a module's name as equal; names here have '_'.
 */
#ifndef VM_MODULE_H
#define VM_MODULE_H

#include <stdbool.h>
#include <stddef.h>

#define MODULE_NAME 64 /* with the NUL */

/* Is this a valid name of a module? */
bool module_is_name(const char *name, size_t len);

/* Store the name of the module in the file at path. */
void module_name(char ret[MODULE_NAME], const char *path);

/* The .modinfo section of a module's file: texts KEY=VALUE. */
struct module_info {
	char *texts;
	size_t size;
};

/*
 * Find it in the bytes of a file.  Returns 0, or -ENOEXEC if this is not a module.
 * module_info_fini() may be called in any case, also on zeroed memory.
 */
int module_info_read(struct module_info *ret, const void *bytes, size_t size);
void module_info_fini(struct module_info *info);

/* The next value of this key behind `after`; NULL for `after`: the first.  Or NULL. */
const char *module_info_get(const struct module_info *info, const char *key,
			    const char *after);

/* A line of /proc/modules. */
struct module_loaded {
	char name[MODULE_NAME];
	unsigned long refs; /* those of other modules included */
	char *users; /* names of the modules that use it, each with a ',' */
};

/*
 * Read the text of /proc/modules, where the module loaded last comes first.  The
 * caller frees *ret with module_loaded_free().  Returns the number of modules, or
 * -EBADMSG if a line has another form.
 */
int module_loaded_read(struct module_loaded **ret, const char *text);
void module_loaded_free(struct module_loaded *loaded, int count);

/* Is the name in this list of names with commas? */
bool module_is_in(const char *list, const char *name);

#endif
