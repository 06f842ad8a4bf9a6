// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "argv.h"
#include "str.h"

#define BLANKS " \t\n"

/* Takes word over; NULL stands for one that could not be allocated. */
static void append(struct argv *argv, char *word)
{
	size_t room = argv->room ? argv->room * 2 : 16;
	char **more;

	if (!word || argv->err)
		goto err_drop_word;

	if (argv->count + 1 >= argv->room) {
		more = reallocarray(argv->word, room, sizeof(*more));
		if (!more)
			goto err_drop_word;
		argv->word = more;
		argv->room = room;
	}
	argv->word[argv->count++] = word;
	argv->word[argv->count] = NULL;
	return;

err_drop_word:
	argv->err = -ENOMEM;
	free(word);
}

void argv_fini(struct argv *argv)
{
	size_t i;

	for (i = 0; i < argv->count; i++)
		free(argv->word[i]);
	free(argv->word);
	memset(argv, 0, sizeof(*argv));
}

void argv_add(struct argv *argv, const char *word)
{
	append(argv, strdup(word));
}

void argv_addf(struct argv *argv, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	append(argv, str_vprintf(fmt, ap));
	va_end(ap);
}

/*
 * The take_ functions copy what in begins with to *out, move *out behind it and
 * return the rest of in, or NULL if the end came too early.
 */
static const char *take_single_quoted(const char *in, char **out)
{
	while (*in && *in != '\'')
		*(*out)++ = *in++;
	return *in ? in + 1 : NULL;
}

static const char *take_double_quoted(const char *in, char **out)
{
	while (*in && *in != '"') {
		/* Before other characters a backslash stands for itself. */
		if (*in == '\\' && in[1] && strchr("\"\\$`", in[1]))
			in++;
		*(*out)++ = *in++;
	}
	return *in ? in + 1 : NULL;
}

static const char *take_escaped(const char *in, char **out)
{
	if (!*in)
		return NULL;
	*(*out)++ = *in;
	return in + 1;
}

static const char *take_word(const char *in, char **out)
{
	while (in && *in && !strchr(BLANKS, *in)) {
		if (*in == '\'')
			in = take_single_quoted(in + 1, out);
		else if (*in == '"')
			in = take_double_quoted(in + 1, out);
		else if (*in == '\\')
			in = take_escaped(in + 1, out);
		else
			*(*out)++ = *in++;
	}
	*(*out)++ = '\0';
	return in;
}

int argv_split(struct argv *argv, const char *text)
{
	/* A word and its NUL are never longer than the text and its own. */
	char *words = malloc(strlen(text) + 1);
	const char *word;
	char *end = words;

	if (!words) {
		argv->err = -ENOMEM;
		return 0;
	}

	text += strspn(text, BLANKS);
	while (text && *text) {
		text = take_word(text, &end);
		if (text)
			text += strspn(text, BLANKS);
	}

	for (word = words; text && word < end; word += strlen(word) + 1)
		argv_add(argv, word);

	free(words);
	return text ? 0 : -EINVAL;
}

int argv_err(const struct argv *argv)
{
	return argv->err;
}

static bool is_plain(const char *word, bool first)
{
	/* At a command's beginning a=b would be an assignment. */
	const char *marks = first ? "%+,-./:@_" : "%+,-./:=@_";
	const char *c = word;

	while (isalnum((unsigned char)*c) || (*c && strchr(marks, *c)))
		c++;
	return *word && !*c;
}

static void print_quoted(const char *word, FILE *out)
{
	putc('\'', out);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", out);
		else
			putc(*word, out);
	}
	putc('\'', out);
}

void argv_print(const struct argv *argv, FILE *out)
{
	size_t i;

	for (i = 0; i < argv->count; i++) {
		if (i)
			putc(' ', out);
		if (is_plain(argv->word[i], !i))
			fputs(argv->word[i], out);
		else
			print_quoted(argv->word[i], out);
	}
}
