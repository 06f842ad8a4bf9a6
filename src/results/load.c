// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "lib/xmalloc.h"
#include "results/load.h"
#include "results/schema.h"

const char *results_text(const json_t *line, const char *field)
{
	const char *text = json_string_value(json_object_get(line, field));

	return text ? text : "";
}

static struct result_line *results_add(struct results *results)
{
	if (results->count == results->room) {
		results->room = results->room ? 2 * results->room : 256;
		results->line = xreallocarray(results->line, results->room,
					      sizeof(*results->line));
	}
	results->line[results->count] =
		(struct result_line){ .number = results->count };
	return &results->line[results->count++];
}

static void results_take(struct results *results, const char *text, size_t size)
{
	json_t *json = json_loadb(text, size, 0, NULL);
	struct result_line *line;
	char *why = NULL;

	if (!json || schema_check(json, &why) < 0) {
		results->bad++;
		json_decref(json);
		free(why);
		return;
	}
	if (results->job && strcmp(results->job, results_text(json, "job"))) {
		json_decref(json);
		return;
	}
	line = results_add(results);
	line->json = json;
	line->time = json_number_value(json_object_get(json, "time"));
	snprintf(line->id, sizeof(line->id), "%016llx",
		 (unsigned long long)XXH3_64bits(text, size));
}

int results_read(struct results *results, const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;
	ssize_t len;
	int err;

	if (!file)
		return -errno;
	while ((len = getline(&text, &room, file)) >= 0) {
		if (len && text[len - 1] == '\n')
			len--;
		if (len)
			results_take(results, text, len);
	}
	err = ferror(file) ? -EIO : 0;
	free(text);
	fclose(file);
	return err;
}

static int results_compare(const void *a, const void *b)
{
	const struct result_line *one = a, *other = b;

	if (one->time != other->time)
		return one->time < other->time ? -1 : 1;
	return one->number < other->number ? -1 : 1;
}

void results_sort(struct results *results)
{
	if (results->count)
		qsort(results->line, results->count, sizeof(*results->line),
		      results_compare);
}

void results_fini(struct results *results)
{
	size_t i;

	for (i = 0; i < results->count; i++)
		json_decref(results->line[i].json);
	free(results->line);
}
