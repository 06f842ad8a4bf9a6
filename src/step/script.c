// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/str.h"
#include "lib/xmalloc.h"
#include "step/script.h"

/* Take the line with this title from *text; returns what follows the title, or NULL. */
static char *script_take_list(const char **text, const char *title)
{
	const char *list = *text + strlen(title);
	const char *end = strchr(*text, '\n');

	if (!end || strncmp(*text, title, strlen(title)))
		return NULL;
	*text = end + 1;
	list += strspn(list, " ");
	return str_printf("%.*s", (int)(end - list), list);
}

bool script_parse(struct script *ret, const char *text)
{
	*ret = (struct script){};
	ret->in = script_take_list(&text, "# in");
	ret->out = ret->in ? script_take_list(&text, "# out") : NULL;
	ret->body = text;
	if (!ret->out)
		script_fini(ret);
	return ret->out;
}

void script_fini(struct script *script)
{
	free(script->in);
	free(script->out);
	*script = (struct script){};
}

/* Are they the same, but for line feeds at the end? */
static bool script_is_same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return !a[strspn(a, "\n")] && !b[strspn(b, "\n")];
}

/*
 * Stamps of the versions before had the lists as commands.  They stay good: to make
 * some roots again would lose what their users wrote there.
 */
#define LOOK " ! -type d -printf '%%p:%%s:%%T@\\n' >%s."

static char *script_in_old_form(const struct script *script, const char *path)
{
	int len = strlen(script->body);
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		xmalloc_fail();
	while (len && script->body[len - 1] == '\n')
		len--;
	if (*script->in)
		fprintf(file, "find -H %s" LOOK "in\n", script->in, path);
	if (*script->out)
		fprintf(file, "echo %s >>%s.out\n", script->out, path);
	fprintf(file, "%.*s", len, script->body);
	if (*script->out)
		fprintf(file, "\nfind -H %s" LOOK "out", script->out, path);
	if (fclose(file))
		xmalloc_fail();
	return text;
}

bool script_is_stamped(const char *text, const char *was, const char *path)
{
	struct script script;
	bool is_stamped;
	char *old;

	if (script_is_same(text, was))
		return true;
	if (!script_parse(&script, text))
		return false;
	old = script_in_old_form(&script, path);
	is_stamped = script_is_same(old, was);
	free(old);
	script_fini(&script);
	return is_stamped;
}
