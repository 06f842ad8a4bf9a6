// SPDX-License-Identifier: GPL-2.0-only
/*
 * defaults - prints the name and number of every default in a menu, marked with
 * a * where it is the one that counts in a configuration
 *
 * Linked with the objects of a kernel's scripts/kconfig.
 */
#include <stdio.h>

#include "lkc.h"

#include "menus.h"

static void print_defaults(struct menu *menu)
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

static void print_all(struct menu *menu)
{
	for (; menu; menu = menu->next) {
		if (menu->sym) {
			sym_calc_value(menu->sym);
			print_defaults(menu);
		}
		print_all(menu->list);
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
	print_all(&rootmenu);
	return 0;
}
