/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * module - what a module's file and the list of the loaded ones tell
 *
 * The kernel takes '-' and '_' in a module's name for the same, so these names
 * have '_' alone.
 */
#ifndef VM_MODULE_H
#define VM_MODULE_H

#include <stdbool.h>
#include <stddef.h>

#define MODULE_NAME 64 /* with the NUL */

/* Is this a name that a module may have? */
bool module_is_name(const char *name, size_t len);

/* Make it the name of the module in the file of this path. */
void module_name(char ret[MODULE_NAME], const char *path);

/* The .modinfo of a module's file: texts KEY=VALUE. */
struct module_info {
	char *texts;
	size_t size;
};

/*
 * Find it in the bytes of a file.  Returns 0, -ENOEXEC if that is no module, or
 * -ENOMEM.  module_info_fini() even if it was not called.
 */
int module_info_read(struct module_info *ret, const void *bytes, size_t size);
void module_info_fini(struct module_info *info);

/* The first value with this key behind `after`, or the first one; or NULL. */
const char *module_info_get(const struct module_info *info, const char *key,
			    const char *after);

/* A line of /proc/modules. */
struct module_loaded {
	char name[MODULE_NAME];
	unsigned long refs; /* also those by other modules */
	char *users; /* the names of these, with ',' behind each */
};

/*
 * Read /proc/modules, the last one that was loaded first.  *ret is the caller's to
 * free with its users, by module_loaded_free().  Returns how many, -EBADMSG if a
 * line is none, or -ENOMEM.
 */
int module_loaded_read(struct module_loaded **ret, const char *text);
void module_loaded_free(struct module_loaded *loaded, int count);

/* Is the name in a list with commas? */
bool module_is_in(const char *list, const char *name);

#endif
