// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lkc.h"

#include "kconfig/asked.h"
#include "kconfig/menus.h"

#define NOT_SET " is not set"
#define BLANKS " \t"

/* Kconfig leaves S_DEF_DEF3 to its front ends. */
static struct asked_line *asked_get(const struct symbol *sym)
{
	return sym->def[S_DEF_DEF3].val;
}

static void asked_put(struct symbol *sym, struct asked_line *ask)
{
	sym->def[S_DEF_DEF3].val = ask;
}

const struct asked_line *asked_of(const struct symbol *sym)
{
	return asked_get(sym);
}

/* Split "CONFIG_NAME=value", or "# CONFIG_NAME is not set", in place. */
static bool asked_split(char *text, char **ret_name, char **ret_value)
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

/* Remove quotes and backslashes in place, as Kconfig does. */
static bool asked_unquote(char *text)
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
 * NULL if the value fits the symbol's type, else a description of that type.
 * sym_get_type() would give bool for a tristate until modules are known to be on.
 */
static const char *asked_bad_value(struct symbol *sym, char *value)
{
	switch (sym->type) {
	case S_BOOLEAN:
		return strcmp(value, "y") && strcmp(value, "n") ?
			"y or n" : NULL;
	case S_TRISTATE:
		return strlen(value) != 1 || !strchr("ymn", *value) ?
			"y, m or n" : NULL;
	case S_STRING:
		return asked_unquote(value) ? NULL :
					      "a text in \"double quotes\"";
	case S_INT:
		return sym_string_valid(sym, value) ? NULL : "a number";
	default:
		return sym_string_valid(sym, value) ?
			NULL : "a hexadecimal number like 0x10";
	}
}

static bool asked_is_answer(const struct asked_line *ask)
{
	return ask && !strcmp(ask->value, "y");
}

/* Let this line override earlier ones about its symbol or its choice. */
static void asked_replace(struct asked_line *ask)
{
	struct menu *choice = menus_choice(ask->sym);
	struct menu *menu;
	struct asked_line *other;

	other = asked_get(ask->sym);
	if (other)
		other->replaced = true;
	asked_put(ask->sym, ask);
	if (!choice || !asked_is_answer(ask))
		return;

	for (menu = choice->list; menu; menu = menu->next) {
		other = menu->sym ? asked_get(menu->sym) : NULL;
		if (asked_is_answer(other) && other->layer < ask->layer) {
			other->replaced = true;
			asked_put(menu->sym, NULL);
		}
	}
}

const struct asked_line *asked_rival(const struct asked_line *ask)
{
	struct menu *choice = menus_choice(ask->sym);
	struct menu *menu;
	struct asked_line *other;

	if (!choice || !asked_is_answer(ask))
		return NULL;

	for (menu = choice->list; menu; menu = menu->next) {
		other = menu->sym ? asked_get(menu->sym) : NULL;
		if (other != ask && asked_is_answer(other))
			return other;
	}
	return NULL;
}

/* Returns what asprintf() does. */
static int asked_say_unknown(const char *name, char **ret_problem)
{
	const struct symbol *like = menus_like(name);

	if (!like)
		return asprintf(ret_problem, "%s%s is unknown", CONFIG_, name);
	return asprintf(ret_problem, "%s%s is unknown; there is %s%s", CONFIG_,
			name, CONFIG_, like->name);
}

static int asked_understand(struct asked_line *ask)
{
	char *name, *value;
	const char *is;
	char *copy;
	int ret = 0;

	copy = strdup(ask->text);
	if (!copy)
		return -ENOMEM;

	if (!asked_split(copy, &name, &value)) {
		ret = asprintf(&ask->problem,
			       "\"%s\" sets no option: write %sNAME=value or # %sNAME%s, with no other blanks",
			       ask->text, CONFIG_, CONFIG_, NOT_SET);
		goto out;
	}

	ask->sym = sym_find(name);
	if (!ask->sym || ask->sym->type == S_UNKNOWN) {
		ret = asked_say_unknown(name, &ask->problem);
		goto out;
	}

	ask->value = strdup(value);
	if (!ask->value) {
		ret = -ENOMEM;
		goto out;
	}
	is = asked_bad_value(ask->sym, ask->value);
	if (strlen(value) > ASKED_LONGEST)
		ret = asprintf(&ask->problem,
			       "%s%s has %zu characters, but %d are the most",
			       CONFIG_, name, strlen(value), ASKED_LONGEST);
	else if (is)
		ret = asprintf(&ask->problem, "%s: it must be %s", ask->text,
			       is);
	else
		asked_replace(ask);

out:
	free(copy);
	return ret < 0 ? -ENOMEM : 0;
}

static bool asked_ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);

	return length >= strlen(end) &&
		!strcmp(text + length - strlen(end), end);
}

/* A comment, unless it switches an option off or looks as if it did. */
static bool asked_is_remark(const char *text)
{
	if (*text != '#')
		return !*text;
	text += 1 + strspn(text + 1, BLANKS);
	return strncmp(text, CONFIG_, strlen(CONFIG_)) ||
	       !asked_ends_with(text, NOT_SET);
}

/* Cut off blanks at the end, as Kconfig does.  Returns false if this is not text. */
static bool asked_strip(char *text, size_t length)
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

static int asked_add(struct asked *asked, const char *file, int line, int layer,
		     const char *text, bool is_text)
{
	struct asked_line *ask;

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
		return asked_understand(ask);

	ask->problem = strdup("this is not a text file");
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
		is_text = asked_strip(text, length);
		if (!is_text || !asked_is_remark(text))
			err = asked_add(asked, file, line, layer, text,
					is_text);
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

bool asked_counts(const struct asked_line *ask)
{
	return !ask->problem && !ask->replaced && !asked_rival(ask);
}

int asked_write(const struct asked *asked, const char *file)
{
	const struct asked_line *ask;
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
