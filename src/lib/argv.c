// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/argv.h"
#include "lib/str.h"
#include "lib/xmalloc.h"

#define BLANKS " \t\n"

/* The vector then owns word. */
static void argv_append(struct argv *argv, char *word)
{
	if (argv->count + 1 >= argv->room) {
		argv->room = argv->room ? argv->room * 2 : 16;
		argv->word = xreallocarray(argv->word, argv->room,
					   sizeof(*argv->word));
	}
	argv->word[argv->count++] = word;
	argv->word[argv->count] = NULL;
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
	argv_append(argv, xstrdup(word));
}

void argv_addf(struct argv *argv, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	argv_append(argv, str_vprintf(fmt, ap));
	va_end(ap);
}

void argv_setf(struct argv *argv, size_t i, const char *fmt, ...)
{
	char *word;
	va_list ap;

	va_start(ap, fmt);
	word = str_vprintf(fmt, ap);
	va_end(ap);
	free(argv->word[i]);
	argv->word[i] = word;
}

/*
 * The argv_take_ functions copy the beginning of `in` to *out, advance *out and
 * return the rest of `in`, or NULL if the text ended too early.
 */
static const char *argv_take_single_quoted(const char *in, char **out)
{
	while (*in && *in != '\'')
		*(*out)++ = *in++;
	return *in ? in + 1 : NULL;
}

static const char *argv_take_double_quoted(const char *in, char **out)
{
	while (*in && *in != '"') {
		/* Before other characters a backslash stands for itself. */
		if (*in == '\\' && in[1] && strchr("\"\\$`", in[1]))
			in++;
		*(*out)++ = *in++;
	}
	return *in ? in + 1 : NULL;
}

static const char *argv_take_escaped(const char *in, char **out)
{
	if (!*in)
		return NULL;
	*(*out)++ = *in;
	return in + 1;
}

static const char *argv_take_word(const char *in, char **out)
{
	while (in && *in && !strchr(BLANKS, *in)) {
		if (*in == '\'')
			in = argv_take_single_quoted(in + 1, out);
		else if (*in == '"')
			in = argv_take_double_quoted(in + 1, out);
		else if (*in == '\\')
			in = argv_take_escaped(in + 1, out);
		else
			*(*out)++ = *in++;
	}
	*(*out)++ = '\0';
	return in;
}

int argv_split(struct argv *argv, const char *text)
{
	/* The words with their NULs need no more room than the text with its NUL. */
	char *words = xmalloc(strlen(text) + 1);
	const char *word;
	char *end = words;

	text += strspn(text, BLANKS);
	while (text && *text) {
		text = argv_take_word(text, &end);
		if (text)
			text += strspn(text, BLANKS);
	}

	for (word = words; text && word < end; word += strlen(word) + 1)
		argv_add(argv, word);

	free(words);
	return text ? 0 : -EINVAL;
}

static bool argv_is_plain(const char *word, bool first)
{
	/* As the first word a=b would be an assignment. */
	const char *marks = first ? "%+,-./:@_" : "%+,-./:=@_";
	const char *c = word;

	while (isalnum((unsigned char)*c) || (*c && strchr(marks, *c)))
		c++;
	return *word && !*c;
}

static void argv_print_quoted(const char *word, FILE *out)
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
		if (argv_is_plain(argv->word[i], !i))
			fputs(argv->word[i], out);
		else
			argv_print_quoted(argv->word[i], out);
	}
}
