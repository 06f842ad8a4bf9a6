// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "lib/xmalloc.h"
#include "results/write.h"

/* The words of rows, each of which has its number. */
struct page_words {
	json_t *list;
	json_t *numbers;
};

static json_int_t page_number(struct page_words *words, const char *text)
{
	json_t *number = json_object_get(words->numbers, text);

	if (!number) {
		number = json_integer(json_array_size(words->list));
		json_array_append_new(words->list, json_string(text));
		json_object_set_new(words->numbers, text, number);
	}
	return json_integer_value(number);
}

/* In JSON a `<' stands in strings alone, and may be written so there. */
static void page_print(FILE *out, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(13));
	const char *c;

	if (!text)
		xmalloc_fail();
	for (c = text; *c; c++) {
		if (*c == '<')
			fputs("\\u003c", out);
		else
			putc(*c, out);
	}
	free(text);
}

/* What heads the column of a job. */
static const char *page_label(const json_t *line)
{
	const char *subject = results_text(line, "subject");

	return *subject ? subject : results_text(line, "kernel");
}

static json_t *page_row(struct page_words *words, const struct result_line *result)
{
	const json_t *line = result->json;
	const json_t *seconds = json_object_get(line, "seconds");

	return json_pack("[I, I, I, I, f, f, I]",
			 page_number(words, results_text(line, "goal")),
			 page_number(words, results_text(line, "job")),
			 page_number(words, results_text(line, "test")),
			 page_number(words, results_text(line, "verdict")),
			 result->time,
			 seconds ? json_number_value(seconds) : -1.0,
			 page_number(words, page_label(line)));
}

void write_page(FILE *out, const struct results *results)
{
	struct page_words words = { json_array(), json_object() };
	json_t *rows = json_array(), *brief;
	size_t i;

	for (i = 0; i < results->count; i++)
		json_array_append_new(rows, page_row(&words, &results->line[i]));
	brief = json_pack("{s:o, s:o, s:I}", "words", words.list, "rows", rows,
			  "bad", (json_int_t)results->bad);
	fputs("<script type=\"application/json\" id=\"brief\">", out);
	page_print(out, brief);
	fputs("</script>\n<script type=\"text/plain\" id=\"lines\">", out);
	for (i = 0; i < results->count; i++) {
		page_print(out, results->line[i].json);
		putc('\n', out);
	}
	fputs("</script>\n", out);
	json_decref(brief);
	json_decref(words.numbers);
}
