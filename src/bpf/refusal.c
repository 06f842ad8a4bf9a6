// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "bpf/refusal.h"

#define BEGIN "-- BEGIN PROG LOAD LOG --\n"
#define END "-- END PROG LOAD LOG --"

/* A line, or a part of one; without its newline. */
struct piece {
	const char *text;
	int len;
};

static bool piece_starts(const struct piece *piece, const char *with)
{
	size_t len = strlen(with);

	return (size_t)piece->len >= len && !memcmp(piece->text, with, len);
}

static struct piece piece_line(const char *text)
{
	return (struct piece){ text, strcspn(text, "\n") };
}

static const char *piece_behind(const struct piece *line)
{
	const char *end = line->text + line->len;

	return *end ? end + 1 : end;
}

/* An instruction is "12: (85) call bpf_...", with states of registers behind it. */
static bool refusal_is_instruction(const struct piece *line)
{
	int i = 0;

	while (i < line->len && isdigit((unsigned char)line->text[i]))
		i++;
	return i && i + 2 < line->len && !memcmp(line->text + i, ": (", 3);
}

static struct piece refusal_cut(struct piece line, const char *from)
{
	const char *at = memmem(line.text, line.len, from, strlen(from));

	if (at)
		line.len = at - line.text;
	while (line.len && line.text[line.len - 1] == ' ')
		line.len--;
	return line;
}

/* Since Linux 6.9 a line of the source is "; TEXT @ FILE:LINE", before "; TEXT". */
static void refusal_print_source(FILE *out, struct piece line)
{
	const char *at = memmem(line.text, line.len, " @ ", 3);
	int len = at ? at - line.text : line.len;

	fputs("  ", out);
	if (at)
		fprintf(out, "%.*s", line.len - len - 3, at + 3);
	/* A line that is all macro has no text. */
	if (len > 2)
		fprintf(out, "%s%.*s", at ? ": " : "", len - 2, line.text + 2);
	putc('\n', out);
}

/* The lines behind the last instruction are the reason. */
static void refusal_print_log(FILE *out, const char *log)
{
	struct piece source = {}, instruction = {}, line;
	const char *reason = log, *text;
	const char *separator = ": ";

	for (text = log; *text && strncmp(text, END, strlen(END));
	     text = piece_behind(&line)) {
		line = piece_line(text);
		if (*line.text == ';')
			source = line;
		if (!refusal_is_instruction(&line))
			continue;
		instruction = refusal_cut(line, " ; ");
		reason = piece_behind(&line);
	}
	for (text = reason; *text; text = piece_behind(&line)) {
		line = piece_line(text);
		if (piece_starts(&line, "processed ") || piece_starts(&line, END))
			break;
		if (!line.len || *line.text == ';')
			continue;
		fprintf(out, "%s%.*s", separator, line.len, line.text);
		separator = "; ";
	}
	putc('\n', out);
	if (source.len > 2)
		refusal_print_source(out, source);
	if (instruction.len)
		fprintf(out, "  %.*s\n", instruction.len, instruction.text);
}

/* The word between quotes behind "prog " on the line where the log begins. */
static struct piece refusal_program(const char *said, const char *log)
{
	struct piece found = {};
	const char *at;

	while ((at = strstr(said, "prog '")) && at < log) {
		found.text = at + 6;
		found.len = strcspn(found.text, "'\n");
		said = found.text;
	}
	return found;
}

void refusal_print(FILE *out, const char *object, const char *said)
{
	const char *log = strstr(said, BEGIN);
	struct piece line = piece_line(said), program;

	if (log) {
		program = refusal_program(said, log);
		fprintf(out, "%s: the kernel refuses %.*s", object, program.len,
			program.text);
		refusal_print_log(out, log + strlen(BEGIN));
		return;
	}
	if (piece_starts(&line, "libbpf: ")) {
		line.text += 8;
		line.len -= 8;
	}
	if (!line.len)
		line = piece_line("no reason was given");
	fprintf(out, "%s: %.*s\n", object, line.len, line.text);
}
