/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * menus - questions that each version of Kconfig answers in its own way
 */
#ifndef MENUS_H
#define MENUS_H

#include <stdbool.h>

struct menu;
struct property;
struct symbol;

/*
 * Read the menu from the file `kconfig`, with `dir` as the working directory.  Exits
 * if the menu has errors.  Returns 0 or -errno.
 */
int menus_read(const char *kconfig, const char *dir);

/* The value of a symbol as text: y, m or n, a number, or text as it is. */
const char *menus_value(struct symbol *sym);

/* Turn off all that the configuration read last does not set, as allnoconfig does. */
void menus_turn_off(void);

/* Is it a bool or a tristate? */
bool menus_is_tristate(const struct symbol *sym);

/*
 * A symbol whose name differs from this one by a typing error, or by one word before
 * or after it; NULL if there is none.
 */
const struct symbol *menus_like(const char *name);

/* The first prompt of a symbol; NULL for one that only follows from others. */
struct property *menus_prompt(const struct symbol *sym);

/* The choice to which a symbol belongs, or NULL. */
struct menu *menus_choice(const struct symbol *sym);

#endif
