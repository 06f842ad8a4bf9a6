// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/argv.h"
#include "lib/file.h"
#include "lib/macros.h"
#include "lib/str.h"
#include "vm/run/result.h"
#include "vm/say.h"

#define LINES_SHOWN 20

/* Text from anywhere: what is no UTF-8 becomes '?'. */
static json_t *result_text(const char *bytes)
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

static json_t *result_words(char *const *word)
{
	json_t *array;

	if (!word)
		return NULL;
	array = json_array();
	for (; *word; word++)
		json_array_append_new(array, result_text(*word));
	return array;
}

/* NULL if there is no report. */
static json_t *result_lines(const char *report)
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
static const char *result_decoded(const struct result *result, size_t i)
{
	const struct decoded *decoded = &result->complaints->decoded;

	return i < decoded->count ? decoded->report[i] : NULL;
}

static json_t *result_one_splat(const struct splat *splat, const char *decoded)
{
	return json_pack("{s:s, s:s, s:I, s:b, s:b, s:b, s:o, s:o*}",
			 "kind", splat->kind, "title", splat->title,
			 "times", (json_int_t)splat->times,
			 "console", splat->on_console,
			 "kmsg", splat->in_kmsg, "cut", splat->cut,
			 "lines", result_lines(splat->report),
			 "decoded", result_lines(decoded));
}

static json_t *result_all_splats(const struct result *result)
{
	const struct splat_watch *watch = result->complaints->watch;
	json_t *array = json_array();
	struct splat splat;
	json_t *one;
	size_t i;

	for (i = 0; watch && i < splat_watch_count(watch); i++) {
		splat_watch_get(watch, i, &splat);
		one = result_one_splat(&splat, result_decoded(result, i));
		json_array_append_new(array, one);
	}
	return array;
}

static json_t *result_all_tests(const struct tests *tests)
{
	json_t *failures = json_array();
	size_t i;

	for (i = 0; i < tests->failed && i < TESTS_KEPT; i++)
		json_array_append_new(failures, result_text(tests->kept[i]));
	return json_pack("{s:I, s:I, s:o}",
			 "passed", (json_int_t)tests->passed,
			 "failed", (json_int_t)tests->failed,
			 "failures", failures);
}

static json_t *result_seconds(long long ms)
{
	return json_real(ms / 1000.0);
}

static json_t *result_date(time_t when)
{
	char iso[32];
	struct tm tm;

	gmtime_r(&when, &tm);
	strftime(iso, sizeof(iso), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(iso);
}

static void result_add(json_t *json, const char *key, json_t *value)
{
	if (value)
		json_object_set_new(json, key, value);
}

/* What there is only of some runs. */
static void result_add_rest(json_t *json, const struct result *result)
{
	const struct end_facts *facts = &result->verdict->facts;

	if (facts->is_up)
		result_add(json, "boot_seconds", result_seconds(result->up_ms));
	if (result->timeout)
		result_add(json, "timeout", json_integer(result->timeout));
	if (facts->has_result)
		result_add(json, "guest_status", json_integer(facts->result));
	if (facts->has_command)
		result_add(json, "tests", result_all_tests(result->tests));
	if (result->foreign)
		result_add(json, "kernel", result_text(result->foreign->path));
	if (result->foreign && result->foreign->modules)
		result_add(json, "modules",
			   result_text(result->foreign->modules));
	result_add(json, "command", result_words(result->command));
	result_add(json, "qemu", result_words(result->qemu));
	if (*result->said)
		result_add(json, "qemu_said", result_text(result->said));
}

static json_t *result_make_json(const struct result *result)
{
	const struct splat_watch *splats = result->complaints->watch;
	const struct verdict *verdict = result->verdict;
	const struct console *console = result->console;
	json_t *json = json_object();

	result_add(json, "outcome", json_string(verdict->end.outcome));
	result_add(json, "status", json_integer(verdict->end.status));
	result_add(json, "reason", result_text(verdict->why));
	result_add(json, "began", result_date(result->began));
	result_add(json, "seconds", result_seconds(result->ms));
	result_add(json, "accelerator", json_string(result->accel));
	result_add(json, "start",
		   json_string(result->is_spare ? "spare" :
			       result->is_saved ? "state" : "boot"));
	result_add(json, "splats", result_all_splats(result));
	result_add(json, "splats_lost",
		   json_integer(splats ? splat_watch_lost(splats) : 0));
	result_add(json, "console_bytes",
		   json_integer(console ? console->count : 0));
	result_add_rest(json, result);
	return json;
}

static int result_write_in(const char *folder, const char *name,
			   const char *content)
{
	char *path = str_printf("%s/%s", folder, name);
	int err = path ? file_write(path, content) : -ENOMEM;

	free(path);
	return err;
}

static int result_write_json(const struct result *result)
{
	json_t *json = result_make_json(result);
	char *dump = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	char *all = dump ? str_printf("%s\n", dump) : NULL;
	int err = -ENOMEM;

	if (all)
		err = result_write_in(result->folder, "result.json", all);
	free(all);
	free(dump);
	json_decref(json);
	return err;
}

/* The words of the command that does the same again. */
static void result_add_again(struct argv *argv, const struct result *result)
{
	char *const *word;

	argv_addf(argv, "%s/host/vm", result->lab);
	argv_add(argv, "-O");
	argv_add(argv, result->lab);
	if (result->timeout)
		argv_addf(argv, "--timeout=%d", result->timeout);
	if (result->boot)
		argv_add(argv, "--fresh=boot");
	if (result->foreign)
		argv_addf(argv, "--kernel=%s", result->foreign->path);
	if (result->foreign && result->foreign->modules)
		argv_addf(argv, "--modules=%s", result->foreign->modules);
	argv_add(argv, result->save ? "state" : "run");
	if (result->command)
		argv_add(argv, "--");
	for (word = result->command; word && *word; word++)
		argv_add(argv, *word);
}

static int result_write_script(const struct result *result)
{
	const struct end *end = &result->verdict->end;
	struct argv argv = {};
	char *content = NULL;
	char *path;
	size_t size;
	FILE *file;
	int err;

	file = open_memstream(&content, &size);
	if (!file)
		return -ENOMEM;
	result_add_again(&argv, result);
	fprintf(file, "#!/bin/sh\n# Runs again what ended so: %s (status %d).\nexec ",
		end->outcome, end->status);
	argv_print(&argv, file);
	putc('\n', file);
	argv_fini(&argv);
	if (fclose(file)) {
		free(content);
		return -ENOMEM;
	}

	err = result_write_in(result->folder, "reproduce.sh", content);
	free(content);
	path = str_printf("%s/reproduce.sh", result->folder);
	if (!err && path && chmod(path, 0755) < 0)
		err = -errno;
	free(path);
	return err;
}

static int result_write(const struct result *result)
{
	int err = result_write_json(result);

	return err ? err : result_write_script(result);
}

static void result_say_splats(const struct result *result)
{
	const struct splat_watch *watch = result->complaints->watch;
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
	if (result_decoded(result, 0)) {
		say("the first report, with its places in the source:");
		fputs(result_decoded(result, 0), stderr);
	}
}

/* Is it the machine that failed, not the command in it? */
static bool result_is_machines(const struct verdict *verdict)
{
	const struct end_facts *facts = &verdict->facts;

	return !facts->has_result && verdict->end.status && !facts->sig &&
	       facts->is_started;
}

static void result_say_last_words(const struct result *result)
{
	if (result->console && result->console->count) {
		say("the console's last lines:");
		console_print_last(result->console, LINES_SHOWN, stderr);
	}
	if (*result->said) {
		say("QEMU said last:");
		fputs(result->said, stderr);
	}
}

static void result_say_tests(const struct tests *tests)
{
	if (tests->failed == tests->faults)
		say("the tests are not complete: %s", tests->kept[0]);
	else if (tests->failed == 1)
		say("1 test failed: %s", tests->kept[0]);
	else
		say("%lu tests failed, the first one: %s", tests->failed,
		    tests->kept[0]);
}

static void result_say(const struct result *result)
{
	const struct verdict *verdict = result->verdict;
	const struct end_facts *facts = &verdict->facts;
	bool is_bad = result_is_machines(verdict) || facts->is_panicked;

	if (is_bad)
		result_say_last_words(result);
	result_say_splats(result);
	if (is_bad || verdict->end.status == END_NOT_STARTED ||
	    verdict->end.status == END_TIMED_OUT)
		say("%s", verdict->why);
	else if (facts->failed_tests)
		result_say_tests(result->tests);
	if (is_bad || facts->splats)
		say("all about it is in %s", result->folder);
	if (result->is_dumped && result->foreign)
		say("its memory, too: %s/vmcore", result->folder);
	else if (result->is_dumped)
		say("its memory, too: make gdb CORE=%s/vmcore", result->folder);
}

void result_tell(const struct result *result)
{
	const struct console *console = result->console;
	int err;

	result_say(result);
	if (console && console->log_err < 0)
		say("%s/console.log is not complete: %s", result->folder,
		    strerror(-console->log_err));
	err = result_write(result);
	if (err < 0)
		say("%s/result.json cannot be written: %s", result->folder,
		    strerror(-err));
}
