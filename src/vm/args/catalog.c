// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/macros.h"
#include "lib/str.h"
#include "lib/why.h"
#include "lib/xmalloc.h"
#include "vm/args/catalog.h"

#define SYMBOL_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

static const char *const machines[CATALOG_MACHINES] = { "microvm", "q35", "pc",
							   "virt" };

/* Where the reader is */
struct catalog_reader {
	struct catalog *catalog;
	struct catalog_device *device; /* NULL before the first */
	const char *file;
	int line;
};

static int catalog_refuse(const struct catalog_reader *reader, char **why,
			  const char *what, const char *text)
{
	return why_set(why, -EINVAL, "%s:%d: %s: %s",
		       reader->file ? reader->file : "vm/devices",
		       reader->line, what, text);
}

/* VM_NAME: in capitals, and with _ for - */
static char *catalog_symbol(const char *name)
{
	char *symbol = str_printf("VM_%s", name);
	char *c;

	for (c = symbol; *c; c++)
		*c = *c == '-' ? '_' : toupper((unsigned char)*c);
	return symbol;
}

/* A line `device NAME FILE'; text is what follows the first blank. */
static int catalog_begin(struct catalog_reader *reader, char *text, char **why)
{
	struct catalog *catalog = reader->catalog;
	char *name = strsep(&text, " ");

	if (!*name || !text || !*text)
		return catalog_refuse(reader, why, "not `device NAME FILE'",
				      name);
	catalog->device = xreallocarray(catalog->device, catalog->count + 1,
					sizeof(*catalog->device));
	reader->device = &catalog->device[catalog->count++];
	reader->file = text;
	reader->line = 0;
	*reader->device = (struct catalog_device){
		.symbol = catalog_symbol(name),
	};
	return 0;
}

/* The length of the @SYMBOL@ that word begins with; 0: it is none. */
static size_t catalog_mark(const char *word)
{
	size_t len = *word == '@' ? strspn(word + 1, SYMBOL_LETTERS) : 0;

	return len && word[len + 1] == '@' ? len + 2 : 0;
}

static bool catalog_is_marked_well(const char *word)
{
	size_t len;

	while ((word = strchr(word, '@'))) {
		len = catalog_mark(word);
		if (!len)
			return false;
		word += len;
	}
	return true;
}

static int catalog_split(const struct catalog_reader *reader,
			 struct argv *argv, const char *text, char **why)
{
	size_t i = argv->count;

	if (argv_split(argv, text) < 0)
		return catalog_refuse(reader, why,
				      "a quote without its partner, or a backslash at the end",
				      text);
	if (i == argv->count)
		return catalog_refuse(reader, why, "no word", text);
	for (; i < argv->count; i++)
		if (!catalog_is_marked_well(argv->word[i]))
			return catalog_refuse(reader, why,
					      "@ is for @BUS@ or the @SYMBOL@ of an option",
					      argv->word[i]);
	return 0;
}

/* A keyword that stands once */
static int catalog_take_reason(const struct catalog_reader *reader, char **ret,
			       const char *keyword, const char *text, char **why)
{
	if (*ret)
		return catalog_refuse(reader, why, "a second reason", keyword);
	*ret = str_printf("%s %s", reader->device->symbol, text);
	return 0;
}

/* The words that a keyword is for; NULL: it is for none. */
static struct argv *catalog_find_words(struct catalog_device *device,
				       const char *keyword)
{
	size_t i;

	if (!strcmp(keyword, "words"))
		return &device->words;
	if (!strcmp(keyword, "append"))
		return &device->append;
	if (!strcmp(keyword, "arch"))
		return &device->arch;
	if (strncmp(keyword, "words-", 6))
		return NULL;
	for (i = 0; i < CATALOG_MACHINES; i++)
		if (!strcmp(keyword + 6, machines[i]))
			return &device->of_machine[i];
	return NULL;
}

static int catalog_add_line(struct catalog_reader *reader, char *line, char **why)
{
	struct catalog_device *device = reader->device;
	const char *keyword;
	struct argv *words;

	if (!*line || *line == '#')
		return 0;
	if (!strncmp(line, "device ", 7))
		return catalog_begin(reader, line + 7, why);
	if (!device)
		return catalog_refuse(reader, why, "of no device", line);

	keyword = strsep(&line, "\t");
	if (!line || !*line)
		return catalog_refuse(reader, why,
				      "no text, with a tab before it", keyword);
	words = catalog_find_words(device, keyword);
	if (words)
		return catalog_split(reader, words, line, why);
	if (!strcmp(keyword, "unsaved"))
		return catalog_take_reason(reader, &device->unsaved, keyword,
					   line, why);
	if (!strcmp(keyword, "single"))
		return catalog_take_reason(reader, &device->single, keyword,
					   line, why);
	return catalog_refuse(reader, why,
			      "none of words, words-MACHINE, append, unsaved, single and arch",
			      keyword);
}

int catalog_parse(struct catalog *ret, const char *text, char **why)
{
	struct catalog_reader reader = { .catalog = ret };
	char *copy = xstrdup(text);
	char *next = copy;
	char *line;
	int err = 0;

	*ret = (struct catalog){};
	while (!err && (line = strsep(&next, "\n"))) {
		reader.line++;
		err = catalog_add_line(&reader, line, why);
	}
	free(copy);
	return err;
}

int catalog_open(struct catalog *ret, const char *path, char **why)
{
	char *text;
	int err;

	*ret = (struct catalog){};
	err = file_read(&text, path);
	if (err < 0)
		return why_set(why, err, "%s: %s; run `make` first", path,
			       strerror(-err));
	err = catalog_parse(ret, text, why);
	free(text);
	return err;
}

void catalog_fini(struct catalog *catalog)
{
	struct catalog_device *device;
	size_t i;

	while (catalog->count) {
		device = &catalog->device[--catalog->count];
		argv_fini(&device->words);
		for (i = 0; i < CATALOG_MACHINES; i++)
			argv_fini(&device->of_machine[i]);
		argv_fini(&device->append);
		argv_fini(&device->arch);
		free(device->symbol);
		free(device->unsaved);
		free(device->single);
	}
	free(catalog->device);
	*catalog = (struct catalog){};
}

bool catalog_has_arch(const struct catalog_device *device, const char *arch)
{
	size_t i;

	for (i = 0; i < device->arch.count; i++)
		if (!strcmp(device->arch.word[i], arch))
			return true;
	return !device->arch.count;
}

const struct argv *catalog_words(const struct catalog_device *device,
				 const char *machine)
{
	size_t i;

	for (i = 0; i < CATALOG_MACHINES; i++)
		if (!strcmp(machine, machines[i]) && device->of_machine[i].count)
			return &device->of_machine[i];
	return &device->words;
}

/* What stands for the mark of this length; its name is the text between the @s. */
static void catalog_print_value(FILE *out, const char *mark, size_t len,
				const struct config *config, const char *bus)
{
	char *name = str_printf("%.*s", (int)len - 2, mark + 1);

	fputs(strcmp(name, "BUS") ? config_text(config, name) : bus, out);
	free(name);
}

static char *catalog_expand_word(const char *word, const struct config *config,
				 const char *bus)
{
	char *text = NULL;
	size_t len, size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		xmalloc_fail();
	while (*word) {
		len = catalog_mark(word);
		if (len)
			catalog_print_value(out, word, len, config, bus);
		else
			fputc(*word, out);
		word += len ? len : 1;
	}
	if (fclose(out))
		xmalloc_fail();
	return text;
}

void catalog_expand(struct argv *argv, const struct argv *words,
		    const struct config *config, const char *bus)
{
	char *word;
	size_t i;

	for (i = 0; i < words->count; i++) {
		word = catalog_expand_word(words->word[i], config, bus);
		argv_add(argv, word);
		free(word);
	}
}
