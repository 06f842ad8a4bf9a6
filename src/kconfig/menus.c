// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lkc.h"

#include "menus.h"

int menus_read(const char *kconfig, const char *dir)
{
	int here;
	int err = 0;

	here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (here < 0)
		return -errno;
	if (chdir(dir) < 0) {
		err = -errno;
		goto out;
	}
	conf_parse(kconfig);
	if (fchdir(here) < 0)
		err = -errno;
out:
	close(here);
	return err;
}

bool menus_is_tristate(const struct symbol *sym)
{
	return sym->type == S_BOOLEAN || sym->type == S_TRISTATE;
}

/* Choices keep their defaults. */
static void turn_off(struct menu *menu)
{
	struct symbol *sym;

	for (; menu; menu = menu->next) {
		turn_off(menu->list);
		sym = menu->sym;
		if (!sym || !sym->name || sym_has_value(sym) ||
		    !menus_is_tristate(sym) || !menus_prompt(sym) ||
		    menus_choice(sym))
			continue;
		sym->def[S_DEF_USER].tri = no;
		sym->flags |= SYMBOL_DEF_USER;
	}
}

void menus_turn_off(void)
{
	turn_off(&rootmenu);
	sym_clear_all_valid();
	sym_calc_value(modules_sym);
}

const char *menus_value(struct symbol *sym)
{
	static const char *const letters[] = {
		[no] = "n", [mod] = "m", [yes] = "y"
	};

	sym_calc_value(sym);
	if (menus_is_tristate(sym))
		return letters[sym_get_tristate_value(sym)];
	return sym_get_string_value(sym);
}

struct property *menus_prompt(const struct symbol *sym)
{
	struct property *prop;

	for (prop = sym->prop; prop; prop = prop->next)
		if (prop->type == P_PROMPT || prop->type == P_MENU)
			return prop;
	return NULL;
}

struct menu *menus_choice(const struct symbol *sym)
{
	struct property *prompt = menus_prompt(sym);
	struct menu *parent;

	parent = prompt && prompt->menu ? prompt->menu->parent : NULL;
	return parent && parent->sym && sym_is_choice(parent->sym) ?
		parent : NULL;
}
