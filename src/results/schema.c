// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "lib/macros.h"
#include "lib/str.h"
#include "results/schema.h"
#include "results/verdict.h"

enum schema_type {
	SCHEMA_TEXT,
	SCHEMA_NUMBER,
	SCHEMA_SPLATS,
	SCHEMA_CASES,
	SCHEMA_MARKED,
	SCHEMA_OUTPUT,
};

struct schema_field {
	const char *name;
	enum schema_type type;
	bool is_needed;
};

static const struct schema_field fields[] = {
	{ "v", SCHEMA_NUMBER, true },
	{ "time", SCHEMA_NUMBER, true },
	{ "goal", SCHEMA_TEXT, true },
	{ "job", SCHEMA_TEXT, true },
	{ "test", SCHEMA_TEXT, true },
	{ "verdict", SCHEMA_TEXT, true },
	{ "why", SCHEMA_TEXT, false },
	{ "status", SCHEMA_NUMBER, false },
	{ "seconds", SCHEMA_NUMBER, false },
	{ "start", SCHEMA_TEXT, false },
	{ "command", SCHEMA_TEXT, false },
	{ "repeat", SCHEMA_TEXT, false },
	{ "folder", SCHEMA_TEXT, false },
	{ "host", SCHEMA_TEXT, false },
	{ "kernel", SCHEMA_TEXT, false },
	{ "build", SCHEMA_TEXT, false },
	{ "config", SCHEMA_TEXT, false },
	{ "arch", SCHEMA_TEXT, false },
	{ "commit", SCHEMA_TEXT, false },
	{ "subject", SCHEMA_TEXT, false },
	{ "key", SCHEMA_TEXT, false },
	{ "bits", SCHEMA_TEXT, false },
	{ "splats", SCHEMA_SPLATS, false },
	{ "cases", SCHEMA_CASES, false },
	{ "error", SCHEMA_TEXT, false },
	{ "file", SCHEMA_TEXT, false },
	{ "line", SCHEMA_NUMBER, false },
	{ "column", SCHEMA_NUMBER, false },
	{ "lines", SCHEMA_NUMBER, false },
	{ "ran", SCHEMA_NUMBER, false },
	{ "excerpt", SCHEMA_TEXT, false },
	{ "marked", SCHEMA_MARKED, false },
	{ "stdout", SCHEMA_OUTPUT, false },
	{ "stderr", SCHEMA_OUTPUT, false },
};

static bool schema_is(const char *name, enum schema_type type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (!strcmp(fields[i].name, name))
			return fields[i].type == type;
	return false;
}

bool schema_is_text(const char *name)
{
	return schema_is(name, SCHEMA_TEXT);
}

bool schema_is_number(const char *name)
{
	return schema_is(name, SCHEMA_NUMBER);
}

/* Are all of the array objects with these texts, and a verdict if they have one? */
static bool schema_are(const json_t *array, const char *const names[2])
{
	const json_t *verdict;
	json_t *one;
	size_t i;

	json_array_foreach(array, i, one) {
		if (!json_is_string(json_object_get(one, names[0])) ||
		    !json_is_string(json_object_get(one, names[1])))
			return false;
		verdict = json_object_get(one, "verdict");
		if (verdict && !verdict_find(json_string_value(verdict)))
			return false;
	}
	return json_is_array(array);
}

static bool schema_is_marked(const json_t *value)
{
	json_int_t first = json_integer_value(json_array_get(value, 0));
	json_int_t last = json_integer_value(json_array_get(value, 1));

	return json_array_size(value) == 2 && first >= 1 && last >= first;
}

static bool schema_is_output(const json_t *value)
{
	return json_is_string(json_object_get(value, "file")) &&
	       json_is_integer(json_object_get(value, "bytes")) &&
	       json_is_string(json_object_get(value, "first"));
}

static bool schema_holds(const json_t *value, enum schema_type type)
{
	static const char *const splat[] = { "kind", "title" };
	static const char *const one_case[] = { "name", "verdict" };

	switch (type) {
	case SCHEMA_TEXT:
		return json_is_string(value);
	case SCHEMA_NUMBER:
		return json_is_number(value);
	case SCHEMA_SPLATS:
		return schema_are(value, splat);
	case SCHEMA_CASES:
		return schema_are(value, one_case);
	case SCHEMA_MARKED:
		return schema_is_marked(value);
	case SCHEMA_OUTPUT:
		return schema_is_output(value);
	}
	return false;
}

int schema_check(const json_t *line, char **why)
{
	const char *text;
	const json_t *value;
	size_t i;

	*why = NULL;
	for (i = 0; i < ARRAY_SIZE(fields) && !*why; i++) {
		value = json_object_get(line, fields[i].name);
		if (!value && fields[i].is_needed)
			*why = str_printf("it has no %s", fields[i].name);
		else if (value && !schema_holds(value, fields[i].type))
			*why = str_printf("%s is not what it should be",
					  fields[i].name);
	}
	if (*why)
		return -EINVAL;

	if (json_number_value(json_object_get(line, "v")) != SCHEMA_VERSION)
		*why = str_printf("it is of another version than %d",
				  SCHEMA_VERSION);
	text = json_string_value(json_object_get(line, "verdict"));
	if (!*why && !verdict_find(text))
		*why = str_printf("`%s' is no verdict", text);
	return *why ? -EINVAL : 0;
}
