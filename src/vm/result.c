// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "argv.h"
#include "file.h"
#include "macros.h"
#include "result.h"
#include "say.h"
#include "str.h"

#define LINES_SHOWN 20

/* Text from anywhere: what is no UTF-8 becomes '?'. */
static json_t *text(const char *bytes)
{
	json_t *string = json_string(bytes);
	char *copy, *c;

	if (string)
		return string;
	copy = strdup(bytes);
	for (c = copy; c && *c; c++)
		if (*c & 0x80)
			*c = '?';
	string = copy ? json_string(copy) : NULL;
	free(copy);
	return string;
}

static json_t *words(char *const *word)
{
	json_t *array;

	if (!word)
		return NULL;
	array = json_array();
	for (; *word; word++)
		json_array_append_new(array, text(*word));
	return array;
}

/* NULL if there is no report. */
static json_t *lines(const char *report)
{
	json_t *array = report ? json_array() : NULL;
	const char *line;
	size_t len;

	for (line = report; line && *line; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		json_array_append_new(array, json_stringn(line, len));
	}
	return array;
}

/* The i-th report with its places in the source; NULL if they are not known. */
static const char *decoded(const struct result *result, size_t i)
{
	return i < result->decoded.count ? result->decoded.report[i] : NULL;
}

static json_t *one_splat(const struct splat *splat, const char *decoded)
{
	return json_pack("{s:s, s:s, s:I, s:b, s:b, s:b, s:o, s:o*}",
			 "kind", splat->kind, "title", splat->title,
			 "times", (json_int_t)splat->times,
			 "console", splat->on_console,
			 "kmsg", splat->in_kmsg, "cut", splat->cut,
			 "lines", lines(splat->report),
			 "decoded", lines(decoded));
}

static json_t *all_splats(const struct result *result)
{
	const struct splat_watch *watch = result->splats;
	json_t *array = json_array();
	struct splat splat;
	size_t i;

	for (i = 0; watch && i < splat_watch_count(watch); i++) {
		splat_watch_get(watch, i, &splat);
		json_array_append_new(array,
				      one_splat(&splat, decoded(result, i)));
	}
	return array;
}

static json_t *all_tests(const struct tests *tests)
{
	json_t *failures = json_array();
	size_t i;

	for (i = 0; i < tests->failed && i < TESTS_KEPT; i++)
		json_array_append_new(failures, text(tests->kept[i]));
	return json_pack("{s:I, s:I, s:o}",
			 "passed", (json_int_t)tests->passed,
			 "failed", (json_int_t)tests->failed,
			 "failures", failures);
}

static json_t *seconds(long long ms)
{
	return json_real(ms / 1000.0);
}

static json_t *date(time_t when)
{
	char iso[32];
	struct tm tm;

	gmtime_r(&when, &tm);
	strftime(iso, sizeof(iso), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(iso);
}

static void add(json_t *json, const char *key, json_t *value)
{
	if (value)
		json_object_set_new(json, key, value);
}

/* What there is only of some runs. */
static void add_rest(json_t *json, const struct result *result)
{
	const struct end_facts *facts = &result->facts;

	if (facts->is_up)
		add(json, "boot_seconds", seconds(result->up_ms));
	if (result->timeout)
		add(json, "timeout", json_integer(result->timeout));
	if (facts->has_result)
		add(json, "guest_status", json_integer(facts->result));
	if (facts->has_command)
		add(json, "tests", all_tests(result->tests));
	add(json, "command", words(result->command));
	add(json, "qemu", words(result->qemu));
	if (*result->said)
		add(json, "qemu_said", text(result->said));
}

static json_t *make_json(const struct result *result)
{
	const struct splat_watch *splats = result->splats;
	const struct console *console = result->console;
	json_t *json = json_object();

	add(json, "outcome", json_string(result->end.outcome));
	add(json, "status", json_integer(result->end.status));
	add(json, "reason", text(result->why));
	add(json, "began", date(result->began));
	add(json, "seconds", seconds(result->ms));
	add(json, "accelerator", json_string(result->accel));
	add(json, "start", json_string(result->is_saved ? "state" : "boot"));
	add(json, "splats", all_splats(result));
	add(json, "splats_lost",
	    json_integer(splats ? splat_watch_lost(splats) : 0));
	add(json, "console_bytes", json_integer(console ? console->count : 0));
	add_rest(json, result);
	return json;
}

static int write_in(const char *folder, const char *name, const char *content)
{
	char *path = str_printf("%s/%s", folder, name);
	int err = path ? file_write(path, content) : -ENOMEM;

	free(path);
	return err;
}

static int write_json(const struct result *result)
{
	json_t *json = make_json(result);
	char *dump = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	char *all = dump ? str_printf("%s\n", dump) : NULL;
	int err = all ? write_in(result->last, "result.json", all) : -ENOMEM;

	free(all);
	free(dump);
	json_decref(json);
	return err;
}

/* The words of the command that does the same again. */
static void add_again(struct argv *argv, const struct result *result)
{
	char *const *word;

	argv_addf(argv, "%s/host/vm", result->lab);
	argv_add(argv, "-O");
	argv_add(argv, result->lab);
	if (result->timeout)
		argv_addf(argv, "--timeout=%d", result->timeout);
	if (result->boot)
		argv_add(argv, "--fresh=boot");
	argv_add(argv, result->save ? "state" : "run");
	if (result->command)
		argv_add(argv, "--");
	for (word = result->command; word && *word; word++)
		argv_add(argv, *word);
}

static int write_script(const struct result *result)
{
	struct argv argv = {};
	char *content = NULL;
	char *path;
	size_t size;
	FILE *file;
	int err;

	file = open_memstream(&content, &size);
	if (!file)
		return -ENOMEM;
	add_again(&argv, result);
	fprintf(file, "#!/bin/sh\n# Runs again what ended so: %s (status %d).\nexec ",
		result->end.outcome, result->end.status);
	argv_print(&argv, file);
	putc('\n', file);
	err = argv_err(&argv);
	argv_fini(&argv);
	if (fclose(file) || err < 0) {
		free(content);
		return -ENOMEM;
	}

	err = write_in(result->last, "reproduce.sh", content);
	free(content);
	path = str_printf("%s/reproduce.sh", result->last);
	if (!err && path && chmod(path, 0755) < 0)
		err = -errno;
	free(path);
	return err;
}

void result_remove(const char *last)
{
	static const char *const files[] = { "result.json", "reproduce.sh",
					     "vmcore" };
	size_t i;
	char *path;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		path = str_printf("%s/%s", last, files[i]);
		if (path)
			unlink(path);
		free(path);
	}
}

int result_write(const struct result *result)
{
	int err = write_json(result);

	return err ? err : write_script(result);
}

static void say_splats(const struct result *result)
{
	const struct splat_watch *watch = result->splats;
	struct splat splat;
	size_t i;

	for (i = 0; watch && i < splat_watch_count(watch); i++) {
		splat_watch_get(watch, i, &splat);
		/* That is why the machine ended, which is told. */
		if (!strcmp(splat.kind, "panic"))
			continue;
		if (splat.times > 1)
			say("the kernel complained: %s (%lu times)",
			    splat.title, splat.times);
		else
			say("the kernel complained: %s", splat.title);
	}
	if (decoded(result, 0)) {
		say("the first report, with its places in the source:");
		fputs(decoded(result, 0), stderr);
	}
}

/* Is it the machine that failed, not the command in it? */
static bool is_machines(const struct result *result)
{
	return !result->facts.has_result && result->end.status &&
	       !result->facts.sig && result->facts.is_started;
}

void result_say(const struct result *result)
{
	bool is_bad = is_machines(result) || result->facts.is_panicked;

	if (is_bad && result->console && result->console->count) {
		say("the console said last:");
		console_print_last(result->console, LINES_SHOWN, stderr);
	}
	if (is_bad && *result->said) {
		say("QEMU said last:");
		fputs(result->said, stderr);
	}
	say_splats(result);
	if (is_bad || result->end.status == END_NOT_STARTED ||
	    result->end.status == END_TIMED_OUT)
		say("%s", result->why);
	else if (result->facts.failed_tests)
		say("%lu tests failed, the first one: %s",
		    result->facts.failed_tests, result->tests->kept[0]);
	if (is_bad || result->facts.splats)
		say("all about it is in %s", result->last);
	if (result->is_dumped)
		say("its memory, too: make gdb CORE=%s/vmcore", result->last);
}
