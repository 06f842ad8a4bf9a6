// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/config.h"
#include "lib/file.h"
#include "lib/xmalloc.h"

#define PREFIX "CONFIG_"
#define PREFIX_LEN (sizeof(PREFIX) - 1)

struct config_line {
	char *name;
	char *value;
};

struct config {
	char *text; /* the file; lines point into it */
	struct config_line *lines;
	size_t count;
};

/* Returns 0, -ERANGE, or -EINVAL if value is not a number. */
static int config_parse_number(const char *value, long *ret)
{
	int base = 10;
	char *end;
	long n;

	/* Not base 0: to Kconfig the int 010 is ten. */
	if (!strncmp(value, "0x", 2) || !strncmp(value, "0X", 2))
		base = 16;
	if (!*value || strchr(" \t+", *value))
		return -EINVAL;

	errno = 0;
	n = strtol(value, &end, base);
	if (*end)
		return -EINVAL;
	if (errno)
		return -errno;
	*ret = n;
	return 0;
}

static bool config_is_string(const char *value)
{
	long n;

	return strcmp(value, "y") && strcmp(value, "m") &&
	       config_parse_number(value, &n) == -EINVAL;
}

static bool config_is_quoted(const char *value)
{
	if (*value++ != '"')
		return false;
	for (; *value && *value != '"'; value++)
		if (*value == '\\' && !*++value)
			return false;
	return !strcmp(value, "\"");
}

/* Are all strings of this file quoted, as Kconfig wrote them before 5.17? */
static bool config_all_quoted(const struct config *config)
{
	size_t i;

	for (i = 0; i < config->count; i++)
		if (config_is_string(config->lines[i].value) &&
		    !config_is_quoted(config->lines[i].value))
			return false;
	return true;
}

static void config_unquote(char *value)
{
	char *out = value;
	const char *in;

	for (in = value + 1; *in != '"'; in++) {
		if (*in == '\\')
			in++;
		*out++ = *in;
	}
	*out = '\0';
}

static void config_add_line(struct config *config, char *text)
{
	char *equals = strchr(text, '=');

	/* Skip comments and empty lines. */
	if (strncmp(text, PREFIX, PREFIX_LEN) || !equals)
		return;

	*equals = '\0';
	config->lines[config->count].name = text + PREFIX_LEN;
	config->lines[config->count].value = equals + 1;
	config->count++;
}

static size_t config_count_lines(const char *text)
{
	size_t n = 1;

	while ((text = strchr(text, '\n'))) {
		text++;
		n++;
	}
	return n;
}

/* The configuration then owns text. */
static struct config *config_take(char *text)
{
	struct config *config = xcalloc(1, sizeof(*config));
	char *next = text;
	char *line;
	size_t i;

	config->text = text;
	config->lines =
		xcalloc(config_count_lines(text), sizeof(*config->lines));
	while ((line = strsep(&next, "\n")))
		config_add_line(config, line);

	if (config_all_quoted(config))
		for (i = 0; i < config->count; i++)
			if (config_is_string(config->lines[i].value))
				config_unquote(config->lines[i].value);
	return config;
}

struct config *config_parse(const char *text)
{
	return config_take(xstrdup(text));
}

int config_open(struct config **ret, const char *path)
{
	char *text;
	int err;

	err = file_read(&text, path);
	if (err < 0)
		return err;
	*ret = config_take(text);
	return 0;
}

void config_close(struct config *config)
{
	if (!config)
		return;
	free(config->lines);
	free(config->text);
	free(config);
}

static const char *config_find(const struct config *config, const char *name)
{
	size_t i;

	/* The last assignment counts, as in make. */
	for (i = config->count; i > 0; i--)
		if (!strcmp(config->lines[i - 1].name, name))
			return config->lines[i - 1].value;
	return NULL;
}

bool config_is_on(const struct config *config, const char *name)
{
	const char *value = config_find(config, name);

	return value && (!strcmp(value, "y") || !strcmp(value, "m"));
}

const char *config_text(const struct config *config, const char *name)
{
	const char *value = config_find(config, name);

	return value ? value : "";
}

int config_number(const struct config *config, const char *name, long *ret)
{
	const char *value = config_find(config, name);

	if (!value)
		return -ENOENT;
	return config_parse_number(value, ret);
}
