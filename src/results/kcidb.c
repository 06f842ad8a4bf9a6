// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/str.h"
#include "lib/xmalloc.h"
#include "results/verdict.h"
#include "results/write.h"

/* The lists of the report, and which are in them already. */
struct kcidb {
	const char *origin;
	json_t *checkouts;
	json_t *builds;
	json_t *tests;
	json_t *known;
};

static json_t *kcidb_id(const struct kcidb *kcidb, const char *kind,
			const char *name)
{
	return json_sprintf("%s:%s-%s", kcidb->origin, kind, name);
}

static json_t *kcidb_time(double when)
{
	long long ms = when * 1000;
	time_t seconds = ms / 1000;
	char text[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	return json_sprintf("%s.%03lld+00:00", text, ms % 1000);
}

/* A word of a dotted path: letters, digits, _ and - are left as they are. */
static char *kcidb_word(const char *text)
{
	char *word = xstrdup(*text ? text : "_"), *c;

	for (c = word; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '-')
			*c = '_';
	return word;
}

static json_t *kcidb_path(const json_t *line, const json_t *one)
{
	char *goal = kcidb_word(results_text(line, "goal"));
	char *test = kcidb_word(results_text(line, "test"));
	char *name = one ? kcidb_word(results_text(one, "name")) : NULL;
	json_t *path = json_sprintf("%s.%s%s%s", goal, test, name ? "." : "",
				    name ? name : "");

	free(goal);
	free(test);
	free(name);
	return path;
}

static bool kcidb_is_commit(const char *text)
{
	return strlen(text) == 40 && strspn(text, "0123456789abcdef") == 40;
}

/* Only what the line has: no text of KCIDB's is empty for want of one. */
static void kcidb_set(json_t *object, const char *field, const char *text)
{
	if (*text)
		json_object_set_new(object, field, json_string(text));
}

/* Is it the first with this id? */
static bool kcidb_is_new(struct kcidb *kcidb, const json_t *id)
{
	const char *text = json_string_value(id);

	if (json_object_get(kcidb->known, text))
		return false;
	json_object_set_new(kcidb->known, text, json_true());
	return true;
}

static json_t *kcidb_checkout(struct kcidb *kcidb, const json_t *line)
{
	const char *commit = results_text(line, "commit");
	const char *kernel = results_text(line, "kernel");
	json_t *id = kcidb_id(kcidb, "checkout", *commit ? commit :
			      *kernel ? kernel : "unknown");
	json_t *checkout;

	if (!kcidb_is_new(kcidb, id))
		return id;
	checkout = json_pack("{s:O, s:s, s:b}", "id", id, "origin", kcidb->origin,
			     "valid", strcmp(results_text(line, "verdict"),
					     "no apply") != 0);
	if (kcidb_is_commit(commit))
		kcidb_set(checkout, "git_commit_hash", commit);
	kcidb_set(checkout, "comment", *results_text(line, "subject") ?
		  results_text(line, "subject") : kernel);
	json_array_append_new(kcidb->checkouts, checkout);
	return id;
}

static bool kcidb_is_built(const json_t *line)
{
	return verdict_find(results_text(line, "verdict"))->is_built;
}

static json_t *kcidb_build(struct kcidb *kcidb, const struct result_line *result)
{
	const json_t *line = result->json;
	const char *sum = results_text(line, "build");
	bool is_built = kcidb_is_built(line);
	json_t *checkout = kcidb_checkout(kcidb, line), *build;
	const char *commit = results_text(line, "commit");
	json_t *id = json_sprintf("%s:build-%s%s%s", kcidb->origin, commit,
				  *commit ? "-" : "",
				  is_built && *sum ? sum :
				  is_built && *commit ? "built" : result->id);

	if (!kcidb_is_new(kcidb, id)) {
		json_decref(checkout);
		return id;
	}
	build = json_pack("{s:O, s:o, s:s, s:s}", "id", id, "checkout_id",
			  checkout, "origin", kcidb->origin, "status",
			  is_built ? "PASS" : "FAIL");
	kcidb_set(build, "architecture", results_text(line, "arch"));
	kcidb_set(build, "comment", results_text(line, "kernel"));
	if (*results_text(line, "config"))
		json_object_set_new(build, "misc",
				    json_pack("{s:s}", "kiln_config",
					      results_text(line, "config")));
	if (!is_built)
		kcidb_set(build, "log_excerpt", results_text(line, "why"));
	json_array_append_new(kcidb->builds, build);
	return id;
}

static json_t *kcidb_test(struct kcidb *kcidb, const json_t *build,
			  const struct result_line *result, const json_t *one)
{
	const json_t *line = result->json, *from = one ? one : line;
	const struct verdict *verdict = verdict_find(results_text(from, "verdict"));
	json_t *test;

	test = json_pack("{s:O, s:s, s:o, s:s}", "build_id", build, "origin",
			 kcidb->origin, "path", kcidb_path(line, one), "status",
			 verdict->kcidb);
	kcidb_set(test, "comment", *results_text(from, "why") ?
		  results_text(from, "why") :
		  results_text(from, one ? "name" : "test"));
	return test;
}

/* The result as a whole, which has the times. */
static void kcidb_add_test(struct kcidb *kcidb, const json_t *build,
			   const struct result_line *result)
{
	const json_t *line = result->json;
	double seconds = json_number_value(json_object_get(line, "seconds"));
	json_t *test = kcidb_test(kcidb, build, result, NULL);
	json_t *misc = json_object();

	json_object_set_new(test, "id", kcidb_id(kcidb, "test", result->id));
	json_object_set_new(test, "start_time", kcidb_time(result->time - seconds));
	if (json_object_get(line, "seconds"))
		json_object_set_new(test, "duration", json_real(seconds));
	kcidb_set(test, "log_excerpt", results_text(line, "excerpt"));
	kcidb_set(misc, "kiln_verdict", results_text(line, "verdict"));
	kcidb_set(misc, "kiln_job", results_text(line, "job"));
	kcidb_set(misc, "kiln_repeat", results_text(line, "repeat"));
	json_object_set_new(test, "misc", misc);
	json_array_append_new(kcidb->tests, test);
}

static void kcidb_add(struct kcidb *kcidb, const struct result_line *result)
{
	json_t *build = kcidb_build(kcidb, result), *one, *test;
	size_t i;

	if (kcidb_is_built(result->json)) {
		kcidb_add_test(kcidb, build, result);
		json_array_foreach(json_object_get(result->json, "cases"), i, one) {
			test = kcidb_test(kcidb, build, result, one);
			json_object_set_new(test, "id",
					    json_sprintf("%s:test-%s-%zu",
							 kcidb->origin,
							 result->id, i + 1));
			json_array_append_new(kcidb->tests, test);
		}
	}
	json_decref(build);
}

void write_kcidb(FILE *out, const struct results *results, const char *origin)
{
	struct kcidb kcidb = {
		.origin = origin,
		.checkouts = json_array(),
		.builds = json_array(),
		.tests = json_array(),
		.known = json_object(),
	};
	json_t *report;
	size_t i;

	for (i = 0; i < results->count; i++)
		kcidb_add(&kcidb, &results->line[i]);
	json_decref(kcidb.known);
	report = json_pack("{s:{s:i, s:i}, s:o, s:o, s:o}", "version", "major", 5,
			   "minor", 3, "checkouts", kcidb.checkouts, "builds",
			   kcidb.builds, "tests", kcidb.tests);
	json_dumpf(report, out, JSON_INDENT(1) | JSON_REAL_PRECISION(13));
	putc('\n', out);
	json_decref(report);
}
