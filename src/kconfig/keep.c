// SPDX-License-Identifier: GPL-2.0-only
/*
 * keep - saves what a user changed in a menu: the fewest lines that, added to the
 * files of the old configuration, give the changed one
 *
 * A symbol that only follows from another is not the user's choice, and may differ
 * in another kernel.  So each line is left out once: if the result is the same, it
 * is not needed.  Linked with the objects of a kernel's scripts/kconfig.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lkc.h"

#include "kconfig/asked.h"
#include "kconfig/menus.h"

static const char usage[] =
	"usage: keep [-n] [-C DIR] KCONFIG CONFIG FRAGMENT FILE... [-- FILE...]...\n"
	"\n"
	"Adds to FRAGMENT the lines that make CONFIG of FILE..., FRAGMENT among them,\n"
	"and prints them.\n"
	"  -n      what no line sets is off, as allnoconfig has it\n"
	"  -C DIR  the folder where the menu is read\n";

/* A symbol and the value that it should have. */
struct item {
	struct symbol *sym;
	char *target; /* its value in the changed configuration */
	bool kept; /* by a line of ours */
};

struct keep {
	struct item *items; /* the symbols in the menu */
	size_t count;
	struct asked asked;
	const char *scratch; /* a file for Kconfig to read */
	bool off; /* turn off what no line sets */
};

static struct item *item_of(const struct symbol *sym)
{
	return sym->def[S_DEF_DEF4].val;
}

static bool item_is_chosen(const struct item *item)
{
	return item && item->kept && !strcmp(item->target, "y");
}

/* Count the symbols below a menu, and fill `items` unless it is NULL. */
static size_t keep_collect(struct item *items, size_t count, struct menu *menu)
{
	struct symbol *sym;

	for (; menu; menu = menu->next) {
		sym = menu->sym;
		if (sym && sym->name && !item_of(sym)) {
			if (items) {
				items[count].sym = sym;
				sym->def[S_DEF_DEF4].val = &items[count];
			}
			count++;
		}
		count = keep_collect(items, count, menu->list);
	}
	return count;
}

/* Does a line of ours override this one? */
static bool keep_is_replaced(const struct asked_line *ask)
{
	struct menu *choice;
	struct menu *menu;

	if (item_of(ask->sym) && item_of(ask->sym)->kept)
		return true;
	choice = menus_choice(ask->sym);
	if (!choice || strcmp(ask->value, "y"))
		return false;
	for (menu = choice->list; menu; menu = menu->next)
		if (menu->sym && item_is_chosen(item_of(menu->sym)))
			return true;
	return false;
}

static void item_print(FILE *out, const struct item *item)
{
	const char *c;

	if (menus_is_tristate(item->sym) && !strcmp(item->target, "n")) {
		fprintf(out, "# %s%s is not set\n", CONFIG_, item->sym->name);
		return;
	}

	fprintf(out, "%s%s=", CONFIG_, item->sym->name);
	if (item->sym->type != S_STRING) {
		fprintf(out, "%s\n", item->target);
		return;
	}
	fputc('"', out);
	for (c = item->target; *c; c++)
		fprintf(out, strchr("\"\\", *c) ? "\\%c" : "%c", *c);
	fputs("\"\n", out);
}

/* Write the files' lines and ours to the scratch file; returns 0 or -errno. */
static int keep_write_scratch(const struct keep *keep)
{
	const struct asked_line *ask;
	int err = 0;
	FILE *out;
	size_t i;

	out = fopen(keep->scratch, "we");
	if (!out)
		return -errno;

	for (ask = keep->asked.first; ask; ask = ask->next)
		if (asked_counts(ask) && !keep_is_replaced(ask))
			fprintf(out, "%s\n", ask->text);
	for (i = 0; i < keep->count; i++)
		if (keep->items[i].kept)
			item_print(out, &keep->items[i]);

	if (ferror(out))
		err = -EIO;
	if (fclose(out) < 0 && !err)
		err = -errno;
	return err;
}

/* Read the configuration of the files' lines and ours; returns 0 or -errno. */
static int keep_try(const struct keep *keep)
{
	int err;

	err = keep_write_scratch(keep);
	if (err < 0)
		return err;
	if (conf_read(keep->scratch))
		return -EIO;
	if (keep->off)
		menus_turn_off();
	return 0;
}

static bool item_is_right(const struct item *item)
{
	return !strcmp(menus_value(item->sym), item->target);
}

static bool keep_all_right(const struct keep *keep)
{
	size_t i;

	for (i = 0; i < keep->count; i++)
		if (!item_is_right(&keep->items[i]))
			return false;
	return true;
}

/* Keep all symbols that differ, until none does; returns 0 or -errno. */
static int keep_all(struct keep *keep)
{
	struct item *item;
	bool more;
	size_t i;
	int err;

	do {
		more = false;
		err = keep_try(keep);
		if (err < 0)
			return err;
		for (i = 0; i < keep->count; i++) {
			item = &keep->items[i];
			if (item->kept || !menus_prompt(item->sym) ||
			    item_is_right(item))
				continue;
			item->kept = true;
			more = true;
		}
	} while (more);
	return 0;
}

/* Drop lines that change nothing: those that turn options off, or the others. */
static int keep_few(struct keep *keep, bool off)
{
	struct item *item;
	size_t i;
	int err;

	for (i = 0; i < keep->count; i++) {
		item = &keep->items[i];
		if (!item->kept || !strcmp(item->target, "n") != off)
			continue;
		item->kept = false;
		err = keep_try(keep);
		if (err < 0)
			return err;
		if (!keep_all_right(keep))
			item->kept = true;
	}
	return 0;
}

/* Copy the lines of a file, if it exists, that ours do not override. */
static int keep_copy_rest(FILE *out, const struct keep *keep, const char *file)
{
	const struct asked_line *ask = keep->asked.first;
	char *text = NULL;
	size_t size = 0;
	int line = 0;
	FILE *in;

	in = fopen(file, "re");
	if (!in)
		return errno == ENOENT ? 0 : -errno;

	while (getline(&text, &size, in) >= 0) {
		line++;
		text[strcspn(text, "\n")] = '\0';
		while (ask && (strcmp(ask->file, file) || ask->line < line))
			ask = ask->next;
		if (!ask || ask->line != line || !ask->value ||
		    !keep_is_replaced(ask))
			fprintf(out, "%s\n", text);
	}
	free(text);
	fclose(in);
	return 0;
}

/* Add our lines to the fragment; returns 0 or -errno. */
static int keep_write_fragment(const struct keep *keep, const char *file)
{
	FILE *out;
	size_t i;
	int err;

	out = fopen(keep->scratch, "we");
	if (!out)
		return -errno;

	err = keep_copy_rest(out, keep, file);
	for (i = 0; i < keep->count; i++) {
		if (keep->items[i].kept) {
			item_print(out, &keep->items[i]);
			item_print(stdout, &keep->items[i]);
		}
	}
	if (ferror(out) && !err)
		err = -EIO;
	if (fclose(out) < 0 && !err)
		err = -errno;
	if (!err && rename(keep->scratch, file) < 0)
		err = -errno;
	return err;
}

/* Remember the values of the changed configuration; returns 0 or -errno. */
static int keep_read_target(struct keep *keep, const char *config)
{
	size_t i;

	keep->count = keep_collect(NULL, 0, &rootmenu);
	keep->items = calloc(keep->count, sizeof(*keep->items));
	if (!keep->items)
		return -ENOMEM;
	keep->count = keep_collect(keep->items, 0, &rootmenu);

	if (conf_read(config))
		return -EIO;
	for (i = 0; i < keep->count; i++) {
		keep->items[i].target = strdup(menus_value(keep->items[i].sym));
		if (!keep->items[i].target)
			return -ENOMEM;
	}
	return 0;
}

static int keep_changes(struct keep *keep, const char *fragment)
{
	size_t i;
	int err;

	err = keep_all(keep);
	if (!err)
		err = keep_few(keep, true);
	if (!err)
		err = keep_few(keep, false);
	if (err < 0)
		return err;

	for (i = 0; i < keep->count; i++)
		if (keep->items[i].kept)
			return keep_write_fragment(keep, fragment);
	return 0;
}

static int keep_fail(const char *what, int err)
{
	fprintf(stderr, "keep: %s: %s\n", what, strerror(-err));
	return 1;
}

static int keep_run(char **args, const char *dir, bool off)
{
	struct keep keep = { .off = off };
	const char *fragment = args[2];
	const char *file;
	char *scratch;
	int err;

	err = menus_read(args[0], dir);
	if (err < 0)
		return keep_fail(dir, err);
	err = keep_read_target(&keep, args[1]);
	if (err < 0)
		return keep_fail(args[1], err);
	err = asked_read_all(&keep.asked, args + 3, &file);
	if (err < 0)
		return keep_fail(file, err);

	if (asprintf(&scratch, "%s.new", fragment) < 0)
		return keep_fail(fragment, -ENOMEM);
	keep.scratch = scratch;
	err = keep_changes(&keep, fragment);
	unlink(scratch);
	return err < 0 ? keep_fail(fragment, err) : 0;
}

int main(int argc, char **argv)
{
	const char *dir = ".";
	bool off = false;
	int c;

	while ((c = getopt(argc, argv, "+nC:")) != -1) {
		switch (c) {
		case 'n':
			off = true;
			break;
		case 'C':
			dir = optarg;
			break;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (argc < optind + 4) {
		fputs(usage, stderr);
		return 2;
	}
	return keep_run(argv + optind, dir, off);
}
