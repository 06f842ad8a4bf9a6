// SPDX-License-Identifier: GPL-2.0-only
/*
 * results - notes how tests ended, and tells it again; docs/results.md has the form
 *
 * Ends with 0, 1 after saying what is wrong, or 2 if the command line is.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/macros.h"
#include "lib/str.h"
#include "lib/xmalloc.h"
#include "results/append.h"
#include "results/note.h"
#include "results/schema.h"
#include "results/verdict.h"
#include "results/write.h"

#define EXIT_USAGE 2

struct request {
	struct note note;
	const char *job;
	const char *origin;
	const char *out; /* files of what the command has printed */
	const char *err;
	bool print;
};

static int main_fail(const char *what, const char *why)
{
	fprintf(stderr, "results: %s: %s\n", what, why);
	return EXIT_FAILURE;
}

static char *main_dump(const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(13));

	if (!text)
		xmalloc_fail();
	return text;
}

static void main_print(const json_t *json)
{
	char *text = main_dump(json);

	puts(text);
	free(text);
}

static void main_add_output(json_t *json, const struct request *request)
{
	if (request->out)
		json_object_set_new(json, "stdout", note_output(request->out));
	if (request->err)
		json_object_set_new(json, "stderr", note_output(request->err));
}

static int cmd_note(struct request *request, char **words)
{
	const char *path = words[0];
	char *why = NULL, *text;
	json_t *line = NULL;
	int err;

	request->note.words = words + 1;
	err = note_make(&line, &request->note, &why);
	if (!err) {
		text = main_dump(line);
		err = append_line(path, text);
		free(text);
	}
	if (err)
		main_fail(path, why ? why : strerror(-err));
	else if (request->print)
		main_add_output(line, request);
	if (!err && request->print)
		main_print(line);
	json_decref(line);
	free(why);
	return err ? EXIT_FAILURE : 0;
}

/* Adds one line of standard input, as another program has judged. */
static int main_add_line(const struct request *request, const char *path,
			 const char *text)
{
	json_t *line = json_loads(text, 0, NULL);
	char *why = NULL, *dump;
	int err = line ? note_complete(line, &request->note, &why) : -EINVAL;

	if (!err) {
		dump = main_dump(line);
		err = append_line(path, dump);
		free(dump);
	}
	if (err)
		main_fail(path, why ? why : line ? strerror(-err) : "no JSON");
	json_decref(line);
	free(why);
	return err ? EXIT_FAILURE : 0;
}

static int cmd_add(struct request *request, char **words)
{
	char *text = NULL;
	size_t room = 0;
	int status = 0;

	request->note.words = words + 1;
	while (!status && getline(&text, &room, stdin) > 0)
		status = main_add_line(request, words[0], text);
	free(text);
	return status;
}

/* Prints the verdict on a run, a tab, and why. */
static int cmd_verdict(struct request *request, char **words)
{
	static char *const needed[] = {
		"goal=run", "job=none", "test=none", NULL
	};
	json_t *line = NULL;
	char *why = NULL;

	request->note.run = words[0];
	request->note.words = needed;
	if (note_make(&line, &request->note, &why) < 0) {
		main_fail(words[0], why);
		free(why);
		return EXIT_FAILURE;
	}
	printf("%s\t%s\n", results_text(line, "verdict"), results_text(line, "why"));
	json_decref(line);
	return 0;
}

/* Prints the verdict of the line that is read, a tab, and why; then the cases that warn so. */
static int cmd_told(struct request *request, char **words)
{
	json_t *line = json_loadf(stdin, 0, NULL), *one;
	size_t i;

	(void)request;
	(void)words;
	if (!line)
		return main_fail("standard input", "it is no JSON");
	printf("%s\t%s\n", results_text(line, "verdict"), results_text(line, "why"));
	json_array_foreach(json_object_get(line, "cases"), i, one)
		if (!strcmp(results_text(one, "verdict"), "warns"))
			printf("%s\t%s\n", results_text(one, "name"),
			       results_text(one, "why"));
	json_decref(line);
	return 0;
}

static json_t *main_b4_check(const char *tool, const json_t *line)
{
	const char *verdict = results_text(line, "verdict");
	const char *why = results_text(line, "why");
	const struct verdict *known = verdict_find(verdict);
	const char *status = !strcmp(verdict, "passed") ? "pass" :
			     known && known->is_good ? "warn" : "fail";
	char *summary = str_printf("%s%s%s", verdict, *why ? ": " : "", why);
	json_t *check = json_pack("{s:s, s:s, s:s, s:s, s:s}", "tool", tool,
				  "status", status, "summary", summary, "url", "",
				  "details", results_text(line, "excerpt"));

	free(summary);
	return check;
}

/* Prints the line that is read as b4 has checks: a list, of it and its cases. */
static int cmd_b4(struct request *request, char **words)
{
	json_t *line = json_loadf(stdin, 0, NULL), *all = json_array(), *one;
	size_t i;

	(void)request;
	(void)words;
	if (!line)
		return main_fail("standard input", "it is no JSON");
	json_array_append_new(all, main_b4_check("kiln", line));
	json_array_foreach(json_object_get(line, "cases"), i, one)
		json_array_append_new(all, main_b4_check(results_text(one, "name"), one));
	main_print(all);
	json_decref(all);
	json_decref(line);
	return 0;
}

/* Prints an object of the fields, and what a command has printed. */
static int cmd_object(struct request *request, char **words)
{
	json_t *object = json_pack("{s:i}", "v", SCHEMA_VERSION);
	char *why = NULL;
	int err = 0;

	for (; *words && !err; words++)
		err = note_take_word(object, *words, &why);
	main_add_output(object, request);
	if (err)
		main_fail("object", why);
	else
		main_print(object);
	free(why);
	json_decref(object);
	return err ? EXIT_FAILURE : 0;
}

/* Prints whether a machine runs, and the last run's result.json, of that folder. */
static int cmd_status(struct request *request, char **words)
{
	char *path = str_printf("%s/result.json", words[0]);
	json_t *last = json_load_file(path, 0, NULL);
	json_t *object = json_pack("{s:i, s:s, s:b}", "v", SCHEMA_VERSION, "goal",
				   "status", "running", !strcmp(words[1], "1"));

	(void)request;
	if (last)
		json_object_set_new(object, "last", last);
	main_print(object);
	json_decref(object);
	free(path);
	return 0;
}

static int main_read(struct results *results, const struct request *request,
		     char **paths)
{
	int err;

	results->job = request->job;
	for (; *paths; paths++) {
		err = results_read(results, *paths);
		if (err)
			return main_fail(*paths, strerror(-err));
	}
	results_sort(results);
	return 0;
}

/* Fails if a line is no result. */
static int cmd_check(struct request *request, char **words)
{
	struct results results = {};
	int status = main_read(&results, request, words);

	if (!status && results.bad) {
		fprintf(stderr, "results: %zu lines are not results\n", results.bad);
		status = EXIT_FAILURE;
	}
	results_fini(&results);
	return status;
}

static int cmd_lines(struct request *request, char **words)
{
	struct results results = {};
	int status = main_read(&results, request, words);
	size_t i;

	for (i = 0; i < results.count && !status; i++)
		main_print(results.line[i].json);
	results_fini(&results);
	return status;
}

static int cmd_junit(struct request *request, char **words)
{
	struct results results = {};
	int status = main_read(&results, request, words);

	if (!status)
		write_junit(stdout, &results);
	results_fini(&results);
	return status;
}

static int cmd_kcidb(struct request *request, char **words)
{
	struct results results = {};
	int status = main_read(&results, request, words);

	if (!status)
		write_kcidb(stdout, &results, request->origin);
	results_fini(&results);
	return status;
}

static int cmd_page(struct request *request, char **words)
{
	struct results results = {};
	int status = main_read(&results, request, words);

	if (!status)
		write_page(stdout, &results);
	results_fini(&results);
	return status;
}

static const struct {
	const char *name;
	const char *args;
	const char *help;
	int (*run)(struct request *request, char **words);
	int min;
} commands[] = {
	{ "note", "FILE NAME=VALUE...", "add a line to FILE", cmd_note, 1 },
	{ "add", "FILE NAME=VALUE... <LINES", "complete LINES, and add them to FILE", cmd_add, 1 },
	{ "verdict", "RUN", "print the verdict of the run in a folder", cmd_verdict, 1 },
	{ "told", "<LINE", "print the verdict of a line", cmd_told, 0 },
	{ "b4", "<LINE", "print a line as checks for b4", cmd_b4, 0 },
	{ "object", "NAME=VALUE...", "print a line for JSON=1, without keeping it", cmd_object, 0 },
	{ "status", "RUN 0|1", "print for JSON=1 the last run, and whether one runs", cmd_status,
	  2 },
	{ "check", "FILE...", "are all lines results?", cmd_check, 1 },
	{ "lines", "FILE...", "print the lines, the oldest first", cmd_lines, 0 },
	{ "junit", "FILE...", "print the lines as JUnit XML", cmd_junit, 0 },
	{ "kcidb", "FILE...", "print the lines as KCIDB JSON", cmd_kcidb, 0 },
	{ "page", "FILE...", "print what the report's page reads", cmd_page, 0 },
};

static int main_help(FILE *out)
{
	size_t i;

	fputs("usage: results [-l LAB] [-r RUN] [-t TAP] [-o STDOUT] [-e STDERR] [-p] [-j JOB]\n"
	      "               [-O ORIGIN] COMMAND...\n\n", out);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-8s %-26s %s\n", commands[i].name,
			commands[i].args, commands[i].help);
	return EXIT_USAGE;
}

static int main_parse(struct request *request, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+l:r:t:o:e:pj:O:")) != -1) {
		switch (c) {
		case 'l':
			request->note.lab = optarg;
			break;
		case 'r':
			request->note.run = optarg;
			break;
		case 't':
			request->note.tap = optarg;
			break;
		case 'o':
			request->out = optarg;
			break;
		case 'e':
			request->err = optarg;
			break;
		case 'p':
			request->print = true;
			break;
		case 'j':
			request->job = optarg;
			break;
		case 'O':
			request->origin = optarg;
			break;
		default:
			return -EINVAL;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct request request = { .origin = "kiln" };
	int status;
	size_t i;

	if (main_parse(&request, argc, argv) < 0 || optind == argc)
		return main_help(stderr);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[optind], commands[i].name))
			break;
	if (i == ARRAY_SIZE(commands) || argc - optind - 1 < commands[i].min)
		return main_help(stderr);
	status = commands[i].run(&request, argv + optind + 1);
	if (!status && (fflush(stdout) || ferror(stdout)))
		return main_fail("standard output", strerror(errno));
	return status;
}
