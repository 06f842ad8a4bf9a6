// SPDX-License-Identifier: GPL-2.0-only
/*
 * defaults - prints the name and number of every default in a menu, with a * behind
 * those that count in a configuration
 *
 * Linked with the objects of a kernel's scripts/kconfig.
 */
#include <stdio.h>

#include "lkc.h"

#include "kconfig/menus.h"

static void defaults_print(struct menu *menu)
{
	struct property *prop;
	bool found = false;
	int number = 0;
	bool has;

	for (prop = menu->sym->prop; prop; prop = prop->next) {
		if (prop->type != P_DEFAULT)
			continue;
		has = !found && expr_calc_value(prop->visible.expr) != no;
		found |= has;
		printf("%s default %d%s\n",
		       menu->sym->name ?: menu->prompt->text, ++number,
		       has ? " *" : "");
	}
}

static void defaults_print_all(struct menu *menu)
{
	for (; menu; menu = menu->next) {
		if (menu->sym) {
			sym_calc_value(menu->sym);
			defaults_print(menu);
		}
		defaults_print_all(menu->list);
	}
}

int main(int argc, char **argv)
{
	if (argc != 3 || menus_read(argv[1], ".") < 0) {
		fputs("usage: defaults KCONFIG CONFIG\n", stderr);
		return 2;
	}
	if (conf_read(argv[2])) {
		perror(argv[2]);
		return 2;
	}
	defaults_print_all(&rootmenu);
	return 0;
}
