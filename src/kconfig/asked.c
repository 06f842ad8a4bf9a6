// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lkc.h"

#include "asked.h"
#include "menus.h"

#define NOT_SET " is not set"
#define BLANKS " \t"

/* A place which Kconfig leaves to its front ends. */
static struct ask *get(const struct symbol *sym)
{
	return sym->def[S_DEF_DEF3].val;
}

static void put(struct symbol *sym, struct ask *ask)
{
	sym->def[S_DEF_DEF3].val = ask;
}

const struct ask *asked_of(const struct symbol *sym)
{
	return get(sym);
}

/* Split "CONFIG_NAME=value", or "# CONFIG_NAME is not set", in place. */
static bool split(char *text, char **ret_name, char **ret_value)
{
	size_t prefix = strlen(CONFIG_);
	char *end;

	if (!strncmp(text, "# ", 2)) {
		text += 2;
		end = strchr(text, ' ');
		if (!end || strcmp(end, NOT_SET))
			return false;
		*ret_value = "n";
	} else {
		end = strchr(text, '=');
		if (!end)
			return false;
		*ret_value = end + 1;
	}

	*end = '\0';
	if (strncmp(text, CONFIG_, prefix) || strpbrk(text, BLANKS))
		return false;
	*ret_name = text + prefix;
	return true;
}

/* Take quotes and backslashes away in place, as Kconfig does. */
static bool unquote(char *text)
{
	char *from = text + 1;
	char *to = text;

	if (*text != '"')
		return false;

	for (; *from && *from != '"'; from++) {
		if (*from == '\\' && from[1])
			from++;
		*to++ = *from;
	}

	if (strcmp(from, "\""))
		return false;
	*to = '\0';
	return true;
}

/*
 * What a value of this type is, if this is none; else NULL.  sym_get_type()
 * would take every tristate for a bool until it is known that there are modules.
 */
static const char *bad_value(struct symbol *sym, char *value)
{
	switch (sym->type) {
	case S_BOOLEAN:
		return strcmp(value, "y") && strcmp(value, "n") ?
			"y or n" : NULL;
	case S_TRISTATE:
		return strlen(value) != 1 || !strchr("ymn", *value) ?
			"y, m or n" : NULL;
	case S_STRING:
		return unquote(value) ? NULL : "a text in \"double quotes\"";
	case S_INT:
		return sym_string_valid(sym, value) ? NULL : "a number";
	default:
		return sym_string_valid(sym, value) ?
			NULL : "a hexadecimal number like 0x10";
	}
}

static bool is_answer(const struct ask *ask)
{
	return ask && !strcmp(ask->value, "y");
}

/* This line takes the place of others about its symbol or its choice. */
static void replace(struct ask *ask)
{
	struct menu *choice = menus_choice(ask->sym);
	struct menu *menu;
	struct ask *other;

	other = get(ask->sym);
	if (other)
		other->replaced = true;
	put(ask->sym, ask);
	if (!choice || !is_answer(ask))
		return;

	for (menu = choice->list; menu; menu = menu->next) {
		other = menu->sym ? get(menu->sym) : NULL;
		if (is_answer(other) && other->layer < ask->layer) {
			other->replaced = true;
			put(menu->sym, NULL);
		}
	}
}

const struct ask *asked_rival(const struct ask *ask)
{
	struct menu *choice = menus_choice(ask->sym);
	struct menu *menu;
	struct ask *other;

	if (!choice || !is_answer(ask))
		return NULL;

	for (menu = choice->list; menu; menu = menu->next) {
		other = menu->sym ? get(menu->sym) : NULL;
		if (other != ask && is_answer(other))
			return other;
	}
	return NULL;
}

/* Returns what asprintf() does. */
static int say_unknown(const char *name, char **ret_problem)
{
	const struct symbol *like = menus_like(name);

	if (!like)
		return asprintf(ret_problem, "%s%s is unknown", CONFIG_, name);
	return asprintf(ret_problem, "%s%s is unknown; there is %s%s", CONFIG_,
			name, CONFIG_, like->name);
}

static int understand(struct ask *ask)
{
	char *name, *value;
	const char *is;
	char *copy;
	int ret = 0;

	copy = strdup(ask->text);
	if (!copy)
		return -ENOMEM;

	if (!split(copy, &name, &value)) {
		ret = asprintf(&ask->problem,
			       "\"%s\" sets no option: write %sNAME=value or # %sNAME%s, with no other blanks",
			       ask->text, CONFIG_, CONFIG_, NOT_SET);
		goto out;
	}

	ask->sym = sym_find(name);
	if (!ask->sym || ask->sym->type == S_UNKNOWN) {
		ret = say_unknown(name, &ask->problem);
		goto out;
	}

	ask->value = strdup(value);
	if (!ask->value) {
		ret = -ENOMEM;
		goto out;
	}
	is = bad_value(ask->sym, ask->value);
	if (is)
		ret = asprintf(&ask->problem, "%s: it must be %s", ask->text,
			       is);
	else
		replace(ask);

out:
	free(copy);
	return ret < 0 ? -ENOMEM : 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);

	return length >= strlen(end) &&
		!strcmp(text + length - strlen(end), end);
}

/* Comments that switch nothing off, nor look as if they did, say nothing. */
static bool is_remark(const char *text)
{
	if (*text != '#')
		return !*text;
	text += 1 + strspn(text + 1, BLANKS);
	return strncmp(text, CONFIG_, strlen(CONFIG_)) ||
		!ends_with(text, NOT_SET);
}

/* Cut off blanks at the end, as Kconfig does; false: no text of any kind. */
static bool strip(char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (iscntrl((unsigned char)text[i]) &&
		    !isspace((unsigned char)text[i]))
			return false;

	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	text[length] = '\0';
	return true;
}

static int add(struct asked *asked, const char *file, int line, int layer,
	       const char *text, bool is_text)
{
	struct ask *ask;

	ask = calloc(1, sizeof(*ask));
	if (!ask)
		return -ENOMEM;
	ask->text = strdup(text);
	if (!ask->text) {
		free(ask);
		return -ENOMEM;
	}

	ask->file = file;
	ask->line = line;
	ask->layer = layer;
	ask->number = asked->count++;
	if (!asked->end)
		asked->end = &asked->first;
	*asked->end = ask;
	asked->end = &ask->next;
	if (is_text)
		return understand(ask);

	ask->problem = strdup("this is no text, as a configuration is");
	return ask->problem ? 0 : -ENOMEM;
}

int asked_read(struct asked *asked, const char *file, int layer)
{
	bool is_text = true;
	char *text = NULL;
	ssize_t length = 0;
	size_t size = 0;
	int line = 0;
	int err = 0;
	FILE *in;

	in = fopen(file, "re");
	if (!in)
		return -errno;

	while (!err && is_text) {
		length = getline(&text, &size, in);
		if (length < 0)
			break;
		line++;
		is_text = strip(text, length);
		if (!is_text || !is_remark(text))
			err = add(asked, file, line, layer, text, is_text);
	}
	if (!err && ferror(in))
		err = -errno;

	free(text);
	fclose(in);
	return err;
}

int asked_read_all(struct asked *asked, char **files, const char **ret_file)
{
	int layer = 0;
	int err;

	for (; *files; files++) {
		if (!strcmp(*files, "--")) {
			layer++;
			continue;
		}
		err = asked_read(asked, *files, layer);
		if (err < 0) {
			*ret_file = *files;
			return err;
		}
	}
	return 0;
}

bool asked_counts(const struct ask *ask)
{
	return !ask->problem && !ask->replaced && !asked_rival(ask);
}

int asked_write(const struct asked *asked, const char *file)
{
	const struct ask *ask;
	int err = 0;
	FILE *out;

	out = fopen(file, "we");
	if (!out)
		return -errno;

	for (ask = asked->first; ask; ask = ask->next)
		if (asked_counts(ask))
			fprintf(out, "%s\n", ask->text);

	if (ferror(out))
		err = -EIO;
	if (fclose(out) < 0 && !err)
		err = -errno;
	return err;
}
