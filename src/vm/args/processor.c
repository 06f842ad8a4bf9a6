// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/why.h"
#include "lib/xmalloc.h"
#include "vm/args/processor.h"

#define PREFIX "processor_"
#define MACHINE "machine_"

static size_t processor_skip(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) ? 0 : len;
}

/* `BUS SLOTS NAME [OPTIONS]' */
static int processor_add_machine(struct processor *processor,
				 const char *symbol, char *text, char **why)
{
	struct processor_machine machine = { .symbol = symbol };
	char *slots;

	machine.bus = strsep(&text, " ");
	slots = text ? strsep(&text, " ") : NULL;
	machine.name = text ? strsep(&text, " ") : NULL;
	machine.options = text;
	if (!machine.name)
		return why_set(why, -EINVAL,
			       "vm/processor: %s is not `BUS SLOTS NAME [OPTIONS]'",
			       symbol);
	machine.slots = strtol(slots, NULL, 10);
	processor->machine = xreallocarray(processor->machine,
					   processor->machines + 1,
					   sizeof(machine));
	processor->machine[processor->machines++] = machine;
	return 0;
}

/* `processor_KEY := TEXT', or `processor_KEY :=' */
static int processor_add_line(struct processor *processor, char *line,
			      char **why)
{
	size_t prefix = processor_skip(line, PREFIX);
	char *key = line + prefix, *text = strstr(line, " :=");

	if (!prefix || !text)
		return why_set(why, -EINVAL,
			       "vm/processor: not `" PREFIX "KEY := TEXT': %s",
			       line);
	*text = '\0';
	text += strlen(" :=");
	text += *text == ' ';
	prefix = processor_skip(key, MACHINE);
	if (prefix)
		return processor_add_machine(processor, key + prefix, text,
					     why);
	processor->line = xreallocarray(processor->line, processor->count + 1,
					sizeof(*processor->line));
	processor->line[processor->count++] = (struct processor_line){
		.key = key,
		.text = text,
	};
	return 0;
}

int processor_parse(struct processor *ret, const char *text, char **why)
{
	char *next, *line;
	int err = 0;

	*ret = (struct processor){ .copy = xstrdup(text) };
	next = ret->copy;
	while (!err && (line = strsep(&next, "\n")))
		if (*line && *line != '#')
			err = processor_add_line(ret, line, why);
	if (!err && !ret->machines)
		err = why_set(why, -EINVAL,
			      "vm/processor: it has no " PREFIX MACHINE "SYMBOL");
	return err;
}

int processor_open(struct processor *ret, const char *path, char **why)
{
	char *text;
	int err;

	*ret = (struct processor){};
	err = file_read(&text, path);
	if (err < 0)
		return why_set(why, err, "%s: %s; run `make` first", path,
			       strerror(-err));
	err = processor_parse(ret, text, why);
	free(text);
	return err;
}

void processor_fini(struct processor *processor)
{
	free(processor->machine);
	free(processor->line);
	free(processor->copy);
	*processor = (struct processor){};
}

const char *processor_text(const struct processor *processor, const char *key)
{
	size_t i;

	for (i = 0; i < processor->count; i++)
		if (!strcmp(processor->line[i].key, key))
			return processor->line[i].text;
	return "";
}
