// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lkc.h"

#include "kconfig/menus.h"

/*
 * A typing error changes at most so many letters, leaves at least so many, and an
 * additional word has at most so many.
 */
#define SLIP_MAX 2
#define SHARED_MIN 4
#define WORD_MAX 6

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
static void menus_turn_off_below(struct menu *menu)
{
	struct symbol *sym;

	for (; menu; menu = menu->next) {
		menus_turn_off_below(menu->list);
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
	menus_turn_off_below(&rootmenu);
	sym_clear_all_valid();
	sym_calc_value(modules_sym);
}

/* How many letters two names share; 0 if they differ by more than a typing error. */
static size_t menus_shared_letters(const char *a, const char *b)
{
	size_t size_a = strlen(a), size_b = strlen(b);
	size_t least = size_a < size_b ? size_a : size_b;
	size_t most = size_a + size_b - least;
	size_t head = 0, tail = 0;

	while (head < least && a[head] == b[head])
		head++;
	while (tail < least - head &&
	       a[size_a - tail - 1] == b[size_b - tail - 1])
		tail++;
	return most - head - tail > SLIP_MAX ? 0 : head + tail;
}

/* Is it WORD_NAME or NAME_WORD? */
static bool menus_has_one_word_more(const char *text, const char *name)
{
	size_t size = strlen(text), least = strlen(name);

	if (size <= least || size > least + WORD_MAX)
		return false;
	return (text[size - least - 1] == '_' &&
		!strcmp(text + size - least, name)) ||
		(text[least] == '_' && !strncmp(text, name, least));
}

static size_t menus_likeness(const char *name, const struct symbol *sym)
{
	size_t letters;

	if (!sym || !sym->name || !menus_prompt(sym))
		return 0;
	letters = menus_shared_letters(name, sym->name);
	return letters >= SHARED_MIN ? letters :
				       menus_has_one_word_more(sym->name, name);
}

/* The symbol below a menu that is most like a name, or `like`. */
static const struct symbol *menus_most_like(struct menu *menu, const char *name,
					    const struct symbol *like)
{
	for (; menu; menu = menu->next) {
		if (menus_likeness(name, menu->sym) >
		    menus_likeness(name, like))
			like = menu->sym;
		like = menus_most_like(menu->list, name, like);
	}
	return like;
}

const struct symbol *menus_like(const char *name)
{
	return menus_most_like(&rootmenu, name, NULL);
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
