// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "results/bytes.h"
#include "results/verdict.h"
#include "results/write.h"

static bool junit_is(const json_t *one, const char *verdict)
{
	return !strcmp(results_text(one, "verdict"), verdict);
}

static bool junit_is_good(const json_t *one)
{
	return verdict_find(results_text(one, "verdict"))->is_good;
}

static size_t junit_count(const json_t *cases, const char *verdict)
{
	size_t i, count = 0;
	json_t *one;

	json_array_foreach(cases, i, one)
		count += junit_is(one, verdict);
	return count;
}

static void junit_attribute(FILE *out, const char *name, const char *text)
{
	fprintf(out, " %s=\"", name);
	bytes_print_xml(out, text);
	putc('"', out);
}

/* element: why it is no success; NULL: it is one. */
static void junit_case(FILE *out, const json_t *line, const char *name,
		       const char *element, const char *why)
{
	fputs("    <testcase", out);
	junit_attribute(out, "classname", results_text(line, "test"));
	junit_attribute(out, "name", name);
	if (!element) {
		fputs("/>\n", out);
		return;
	}
	fprintf(out, "><%s", element);
	junit_attribute(out, "message", why);
	if (strcmp(element, "skipped") && *results_text(line, "excerpt")) {
		putc('>', out);
		bytes_print_xml(out, results_text(line, "excerpt"));
		fprintf(out, "</%s></testcase>\n", element);
	} else {
		fputs("/></testcase>\n", out);
	}
}

static void junit_cases(FILE *out, const json_t *line)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(line, "cases"), i, one)
		junit_case(out, line, results_text(one, "name"),
			   junit_is(one, "skipped") ? "skipped" :
			   junit_is_good(one) ? NULL : "failure",
			   *results_text(one, "why") ? results_text(one, "why") :
						       results_text(one, "name"));
}

/* A result without tests is one itself. */
static void junit_itself(FILE *out, const json_t *line)
{
	junit_case(out, line, results_text(line, "test"),
		   junit_is(line, "skipped") ? "skipped" :
		   junit_is_good(line) ? NULL : "failure",
		   results_text(line, "why"));
}

static void junit_suite(FILE *out, const json_t *line)
{
	const json_t *cases = json_object_get(line, "cases");
	size_t failures = junit_count(cases, "fails");
	size_t skipped = junit_count(cases, "skipped");
	size_t count = json_array_size(cases);
	bool is_machines = count && !junit_is_good(line) &&
			   (!junit_is(line, "fails") || !failures);

	if (!count) {
		failures = !junit_is_good(line);
		skipped = junit_is(line, "skipped");
	}
	fputs("  <testsuite", out);
	junit_attribute(out, "name", results_text(line, "test"));
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%d\" skipped=\"%zu\"",
		count ? count + is_machines : 1, failures, is_machines, skipped);
	fprintf(out, " time=\"%.3f\">\n",
		json_number_value(json_object_get(line, "seconds")));
	if (is_machines)
		junit_case(out, line, "the machine", "error",
			   results_text(line, "why"));
	if (count)
		junit_cases(out, line);
	else
		junit_itself(out, line);
	fputs("  </testsuite>\n", out);
}

void write_junit(FILE *out, const struct results *results)
{
	size_t i;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
	for (i = 0; i < results->count; i++)
		junit_suite(out, results->line[i].json);
	fputs("</testsuites>\n", out);
}
