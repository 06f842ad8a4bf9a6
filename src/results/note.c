// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/file.h"
#include "lib/str.h"
#include "lib/xmalloc.h"
#include "results/bytes.h"
#include "results/cases.h"
#include "results/excerpt.h"
#include "results/facts.h"
#include "results/note.h"
#include "results/schema.h"
#include "results/verdict.h"

static double note_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec + now.tv_nsec / 1000000 / 1000.0;
}

static const char *note_text(const json_t *line, const char *field)
{
	const char *text = json_string_value(json_object_get(line, field));

	return text ? text : "";
}

/* Set a field, unless the caller's words have it. */
static void note_set(json_t *line, const char *field, json_t *value)
{
	if (json_object_get(line, field))
		json_decref(value);
	else if (value)
		json_object_set_new(line, field, value);
}

/* Text of several lines, as one. */
static json_t *note_line(const char *text)
{
	char *copy = xstrdup(text), *c;
	json_t *json;

	for (c = copy; *c; c++)
		if (*c == '\n' || *c == '\t' || *c == '\r')
			*c = ' ';
	json = bytes_json_text(copy);
	free(copy);
	return json;
}

/* The value of a field as its type has it; NULL if it cannot be. */
static json_t *note_value(const char *name, const char *text)
{
	double number;
	char *end;

	if (schema_is_text(name))
		return bytes_json_text(text);
	if (!schema_is_number(name) || !*text)
		return NULL;
	number = strtod(text, &end);
	if (*end)
		return NULL;
	return number == (json_int_t)number ? json_integer(number) :
					      json_real(number);
}

/* A case that passed says nothing. */
static void note_take_case(json_t *line, const char *name, const char *said)
{
	json_t *all = json_object_get(line, "cases");
	json_t *one = json_pack("{s:o, s:s}", "name", bytes_json_text(name),
				"verdict", *said ? "warns" : "passed");

	if (*said)
		json_object_set_new(one, "why", note_line(said));
	if (!all) {
		all = json_array();
		json_object_set_new(line, "cases", all);
	}
	json_array_append_new(all, one);
}

int note_take_word(json_t *line, const char *word, char **why)
{
	static const char prefix[] = "case:";
	const char *text = strchr(word, '=');
	char *name = str_printf("%.*s", text ? (int)(text - word) : 0, word);
	bool is_case = text && !strncmp(name, prefix, sizeof(prefix) - 1);
	json_t *value = text && !is_case ? note_value(name, text + 1) : NULL;

	if (is_case)
		note_take_case(line, name + sizeof(prefix) - 1, text + 1);
	else if (value)
		json_object_set_new(line, name, value);
	else
		*why = str_printf("`%s' is no field and its value", word);
	free(name);
	return is_case || value ? 0 : -EINVAL;
}

/* Titles; the reports are in the excerpt. */
static json_t *note_splats(const json_t *splats)
{
	json_t *all = json_array(), *one;
	json_int_t times;
	size_t i;

	json_array_foreach(splats, i, one) {
		times = json_integer_value(json_object_get(one, "times"));
		one = json_pack("{s:s, s:s, s:I}",
				"kind", note_text(one, "kind"),
				"title", note_text(one, "title"), "times", times);
		json_array_append_new(all, one);
	}
	return all;
}

static const char *note_why(const json_t *result)
{
	const json_t *splats = json_object_get(result, "splats");
	const json_t *tests = json_object_get(result, "tests");
	const char *failure;

	if (json_array_size(splats))
		return note_text(json_array_get(splats, 0), "title");
	failure = json_string_value(json_array_get(json_object_get(tests,
								   "failures"), 0));
	return failure ? failure : note_text(result, "reason");
}

/* The report with its places in the source, if they are known. */
static const json_t *note_report(const json_t *result)
{
	const json_t *splat = json_array_get(json_object_get(result, "splats"), 0);
	const json_t *decoded = json_object_get(splat, "decoded");

	return json_array_size(decoded) ? decoded : json_object_get(splat, "lines");
}

/* A command that failed tells why; so does the console, where it is the machine that did. */
static void note_add_excerpt(json_t *line, const json_t *result,
			     const char *console, size_t size, const char *tap)
{
	const json_t *report = note_report(result);
	const char *verdict = note_text(line, "verdict");
	size_t said_size;
	char *said;

	if (json_array_size(report)) {
		excerpt_report(line, report, console, size);
	} else if (!strcmp(verdict, "fails") && tap &&
		   !file_read_bytes(&said, &said_size, tap)) {
		note_set(line, "excerpt", excerpt_tail(said, said_size));
		free(said);
	} else if (!verdict_find(verdict)->is_good && size) {
		note_set(line, "excerpt", excerpt_tail(console, size));
	}
}

static void note_add_result(json_t *line, json_t *result,
			    const struct verdict *verdict)
{
	json_t *splats = json_object_get(result, "splats");

	note_set(line, "verdict", json_string(verdict->word));
	if (!verdict->is_good)
		note_set(line, "why", note_line(note_why(result)));
	note_set(line, "status", json_incref(json_object_get(result, "status")));
	note_set(line, "seconds", json_incref(json_object_get(result, "seconds")));
	note_set(line, "start", json_incref(json_object_get(result, "start")));
	if (json_array_size(splats))
		note_set(line, "splats", note_splats(splats));
}

/* A command that the kernel killed has failed, but it is the kernel that complained. */
static const struct verdict *note_verdict(const json_t *result)
{
	const struct verdict *verdict;

	verdict = verdict_of_outcome(note_text(result, "outcome"));
	if (verdict == verdict_find("fails") &&
	    json_array_size(json_object_get(result, "splats")))
		verdict = verdict_find("splat");
	return verdict;
}

static int note_add_run(json_t *line, const struct note *note, char **why)
{
	char *path = str_printf("%s/result.json", note->run);
	json_t *result = json_load_file(path, JSON_ALLOW_NUL, NULL);
	const struct verdict *verdict;
	char *console = NULL;
	size_t size = 0;
	int err = 0;

	verdict = result ? note_verdict(result) : NULL;
	if (!result)
		*why = str_printf("%s cannot be read", path);
	else if (!verdict)
		*why = str_printf("the run was %s: %s",
				  note_text(result, "outcome"),
				  note_text(result, "reason"));
	free(path);
	if (*why) {
		err = result ? -ECANCELED : -ENOENT;
		goto out;
	}

	path = str_printf("%s/console.log", note->run);
	if (file_read_bytes(&console, &size, path) < 0)
		console = xstrdup("");
	free(path);
	note_add_result(line, result, verdict);
	note_add_excerpt(line, result, console, size, note->tap);
	free(console);
out:
	json_decref(result);
	return err;
}

static void note_add_cases(json_t *line, const char *path)
{
	size_t size;
	char *said;

	if (file_read_bytes(&said, &size, path) < 0)
		return;
	note_set(line, "cases", cases_of(said, size));
	free(said);
}

int note_make(json_t **ret, const struct note *note, char **why)
{
	json_t *line = json_pack("{s:i, s:f}", "v", SCHEMA_VERSION, "time",
				 note_now());
	char *const *word;
	int err = 0;

	*why = NULL;
	for (word = note->words; *word && !err; word++)
		err = note_take_word(line, *word, why);
	if (!err && note->lab)
		facts_of_lab(line, note->lab);
	if (!err && note->run)
		err = note_add_run(line, note, why);
	if (!err && note->tap)
		note_add_cases(line, note->tap);
	if (!err)
		err = schema_check(line, why);
	if (err)
		json_decref(line);
	else
		*ret = line;
	return err;
}

int note_complete(json_t *line, const struct note *note, char **why)
{
	json_t *rest = json_pack("{s:i, s:f}", "v", SCHEMA_VERSION, "time",
				 note_now());
	char *const *word;
	int err = 0;

	*why = NULL;
	for (word = note->words; *word && !err; word++)
		err = note_take_word(rest, *word, why);
	if (!err && note->lab)
		facts_of_lab(rest, note->lab);
	if (!err) {
		json_object_update_missing(line, rest);
		err = schema_check(line, why);
	}
	json_decref(rest);
	return err;
}

json_t *note_output(const char *path)
{
	json_t *output = json_pack("{s:o, s:i, s:s}", "file",
				   bytes_json_text(path), "bytes", 0, "first", "");
	size_t size, end;
	char *said;

	if (file_read_bytes(&said, &size, path) < 0)
		return output;
	end = size < EXCERPT_MAX ? size : EXCERPT_MAX;
	json_object_set_new(output, "bytes", json_integer(size));
	json_object_set_new(output, "first", bytes_json(said, end));
	if (size > EXCERPT_MAX)
		json_object_set_new(output, "last",
				    bytes_json(said + size - end, end));
	free(said);
	return output;
}
