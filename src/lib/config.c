// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "file.h"

#define PREFIX "CONFIG_"
#define PREFIX_LEN (sizeof(PREFIX) - 1)

struct line {
	char *name;
	char *value;
};

struct config {
	char *text; /* the file; lines point into it */
	struct line *lines;
	size_t count;
};

/* Returns 0, or -EINVAL if value is not all number. */
static int parse_number(const char *value, long *ret)
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

static bool is_string(const char *value)
{
	long n;

	return strcmp(value, "y") && strcmp(value, "m") &&
	       parse_number(value, &n) == -EINVAL;
}

static bool is_quoted(const char *value)
{
	if (*value++ != '"')
		return false;
	for (; *value && *value != '"'; value++)
		if (*value == '\\' && !*++value)
			return false;
	return !strcmp(value, "\"");
}

/* Are the strings of this file in the form of before 5.17? */
static bool all_quoted(const struct config *config)
{
	size_t i;

	for (i = 0; i < config->count; i++)
		if (is_string(config->lines[i].value) &&
		    !is_quoted(config->lines[i].value))
			return false;
	return true;
}

static void unquote(char *value)
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

static void add_line(struct config *config, char *text)
{
	char *equals = strchr(text, '=');

	/* Comments and empty lines. */
	if (strncmp(text, PREFIX, PREFIX_LEN) || !equals)
		return;

	*equals = '\0';
	config->lines[config->count].name = text + PREFIX_LEN;
	config->lines[config->count].value = equals + 1;
	config->count++;
}

static size_t count_lines(const char *text)
{
	size_t n = 1;

	while ((text = strchr(text, '\n'))) {
		text++;
		n++;
	}
	return n;
}

/* Takes text over, also when it fails. */
static int parse(struct config **ret, char *text)
{
	struct config *config;
	char *next = text;
	char *line;
	size_t i;

	config = calloc(1, sizeof(*config));
	if (!config)
		goto err_free_text;
	config->text = text;
	config->lines = calloc(count_lines(text), sizeof(*config->lines));
	if (!config->lines)
		goto err_free_config;

	while ((line = strsep(&next, "\n")))
		add_line(config, line);

	if (all_quoted(config))
		for (i = 0; i < config->count; i++)
			if (is_string(config->lines[i].value))
				unquote(config->lines[i].value);

	*ret = config;
	return 0;

err_free_config:
	free(config);
err_free_text:
	free(text);
	return -ENOMEM;
}

int config_parse(struct config **ret, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	return parse(ret, copy);
}

int config_open(struct config **ret, const char *path)
{
	char *text;
	int err;

	err = file_read(&text, path);
	if (err < 0)
		return err;
	return parse(ret, text);
}

void config_close(struct config *config)
{
	if (!config)
		return;
	free(config->lines);
	free(config->text);
	free(config);
}

static const char *find(const struct config *config, const char *name)
{
	size_t i;

	/* The last line counts, as it does for make. */
	for (i = config->count; i > 0; i--)
		if (!strcmp(config->lines[i - 1].name, name))
			return config->lines[i - 1].value;
	return NULL;
}

bool config_is_on(const struct config *config, const char *name)
{
	const char *value = find(config, name);

	return value && (!strcmp(value, "y") || !strcmp(value, "m"));
}

const char *config_text(const struct config *config, const char *name)
{
	const char *value = find(config, name);

	return value ? value : "";
}

int config_number(const struct config *config, const char *name, long *ret)
{
	const char *value = find(config, name);

	if (!value)
		return -ENOENT;
	return parse_number(value, ret);
}
