// SPDX-License-Identifier: GPL-2.0-only
/*
 * keep - keeps what a user changed in a menu: the fewest lines that make the
 * changed configuration of the files from which the old one was made
 *
 * A symbol that only follows from another is not the user's wish: it may follow
 * otherwise in another kernel.  So each line is left out once, to see if the
 * same comes out.  Linked with the objects of a kernel's scripts/kconfig.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lkc.h"

#include "asked.h"
#include "menus.h"

static const char usage[] =
	"usage: keep [-n] [-C DIR] KCONFIG CONFIG FRAGMENT FILE... [-- FILE...]...\n"
	"\n"
	"Adds to FRAGMENT the lines that make CONFIG of FILE..., FRAGMENT among them,\n"
	"and prints them.\n"
	"  -n      what no line sets is off, as allnoconfig has it\n"
	"  -C DIR  the folder where the menu is read\n";

/* What has become of a symbol, and what should. */
struct item {
	struct symbol *sym;
	char *target; /* its value in the changed configuration */
	bool kept; /* by a line of ours */
};

struct keep {
	struct item *items; /* all that have a place in the menu */
	size_t count;
	struct asked asked;
	const char *scratch; /* a file for Kconfig to read */
	bool off; /* what no line sets */
};

static struct item *item_of(const struct symbol *sym)
{
	return sym->def[S_DEF_DEF4].val;
}

static bool is_chosen(const struct item *item)
{
	return item && item->kept && !strcmp(item->target, "y");
}

/* Number the symbols below a menu; fill `items` unless it is NULL. */
static size_t collect(struct item *items, size_t count, struct menu *menu)
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
		count = collect(items, count, menu->list);
	}
	return count;
}

/* Does a line of ours take the place of this one? */
static bool is_replaced(const struct ask *ask)
{
	struct menu *choice;
	struct menu *menu;

	if (item_of(ask->sym) && item_of(ask->sym)->kept)
		return true;
	choice = menus_choice(ask->sym);
	if (!choice || strcmp(ask->value, "y"))
		return false;
	for (menu = choice->list; menu; menu = menu->next)
		if (menu->sym && is_chosen(item_of(menu->sym)))
			return true;
	return false;
}

static void print_line(FILE *out, const struct item *item)
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

/* Write what is asked for with our lines; returns 0 or -errno. */
static int write_scratch(const struct keep *keep)
{
	const struct ask *ask;
	int err = 0;
	FILE *out;
	size_t i;

	out = fopen(keep->scratch, "we");
	if (!out)
		return -errno;

	for (ask = keep->asked.first; ask; ask = ask->next)
		if (asked_counts(ask) && !is_replaced(ask))
			fprintf(out, "%s\n", ask->text);
	for (i = 0; i < keep->count; i++)
		if (keep->items[i].kept)
			print_line(out, &keep->items[i]);

	if (ferror(out))
		err = -EIO;
	if (fclose(out) < 0 && !err)
		err = -errno;
	return err;
}

/* What comes of our lines and the files; returns 0 or -errno. */
static int try(const struct keep *keep)
{
	int err;

	err = write_scratch(keep);
	if (err < 0)
		return err;
	if (conf_read(keep->scratch))
		return -EIO;
	if (keep->off)
		menus_turn_off();
	return 0;
}

static bool is_right(const struct item *item)
{
	return !strcmp(menus_value(item->sym), item->target);
}

static bool all_right(const struct keep *keep)
{
	size_t i;

	for (i = 0; i < keep->count; i++)
		if (!is_right(&keep->items[i]))
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
		err = try(keep);
		if (err < 0)
			return err;
		for (i = 0; i < keep->count; i++) {
			item = &keep->items[i];
			if (item->kept || !menus_prompt(item->sym) ||
			    is_right(item))
				continue;
			item->kept = true;
			more = true;
		}
	} while (more);
	return 0;
}

/* Leave out each line that changes nothing, first those that turn things off. */
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
		err = try(keep);
		if (err < 0)
			return err;
		if (!all_right(keep))
			item->kept = true;
	}
	return 0;
}

/* Copy the lines of a file that ours do not replace, if it is there. */
static int copy_rest(FILE *out, const struct keep *keep, const char *file)
{
	const struct ask *ask = keep->asked.first;
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
		    !is_replaced(ask))
			fprintf(out, "%s\n", text);
	}
	free(text);
	fclose(in);
	return 0;
}

/* Add our lines to the fragment; returns 0 or -errno. */
static int write_fragment(const struct keep *keep, const char *file)
{
	FILE *out;
	size_t i;
	int err;

	out = fopen(keep->scratch, "we");
	if (!out)
		return -errno;

	err = copy_rest(out, keep, file);
	for (i = 0; i < keep->count; i++) {
		if (keep->items[i].kept) {
			print_line(out, &keep->items[i]);
			print_line(stdout, &keep->items[i]);
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
static int read_target(struct keep *keep, const char *config)
{
	size_t i;

	keep->count = collect(NULL, 0, &rootmenu);
	keep->items = calloc(keep->count, sizeof(*keep->items));
	if (!keep->items)
		return -ENOMEM;
	keep->count = collect(keep->items, 0, &rootmenu);

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
			return write_fragment(keep, fragment);
	return 0;
}

static int fail(const char *what, int err)
{
	fprintf(stderr, "keep: %s: %s\n", what, strerror(-err));
	return 1;
}

static int run(char **args, const char *dir, bool off)
{
	struct keep keep = { .off = off };
	const char *fragment = args[2];
	const char *file;
	char *scratch;
	int err;

	err = menus_read(args[0], dir);
	if (err < 0)
		return fail(dir, err);
	err = read_target(&keep, args[1]);
	if (err < 0)
		return fail(args[1], err);
	err = asked_read_all(&keep.asked, args + 3, &file);
	if (err < 0)
		return fail(file, err);

	if (asprintf(&scratch, "%s.new", fragment) < 0)
		return fail(fragment, -ENOMEM);
	keep.scratch = scratch;
	err = keep_changes(&keep, fragment);
	unlink(scratch);
	return err < 0 ? fail(fragment, err) : 0;
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
	return run(argv + optind, dir, off);
}
