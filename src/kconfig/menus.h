/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * menus - what all versions of Kconfig tell in ways of their own
 */
#ifndef MENUS_H
#define MENUS_H

#include <stdbool.h>

struct menu;
struct property;
struct symbol;

/*
 * Read the menu from the file `kconfig` as if the program were started in the
 * folder `dir`.  Exits if there are errors in it.  Returns 0 or -errno.
 */
int menus_read(const char *kconfig, const char *dir);

/* The value of a symbol as text: y, m or n, a number, or text as it is. */
const char *menus_value(struct symbol *sym);

/* Turn off what the configuration read last does not set, as allnoconfig does. */
void menus_turn_off(void);

/* Is it a bool or a tristate? */
bool menus_is_tristate(const struct symbol *sym);

/*
 * A symbol whose name is this one but for a slip, or for a word before or after
 * it; NULL when there is none.
 */
const struct symbol *menus_like(const char *name);

/* The first prompt of a symbol; NULL for one that only follows from others. */
struct property *menus_prompt(const struct symbol *sym);

/* The choice to which a symbol is an answer, or NULL. */
struct menu *menus_choice(const struct symbol *sym);

#endif
