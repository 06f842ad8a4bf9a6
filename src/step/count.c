// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "step/count.h"

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define LONGEST_ACTION 12

/* What old Kbuilds run; AR begins with an `rm -f`. */
static const char * const tools[] = {
	"ar", "as", "c++", "cc", "ccache", "clang", "clang++", "g++", "gcc",
	"ld", "ld.bfd", "ld.lld", "llvm-ar", "llvm-nm", "llvm-objcopy", "mkdir",
	"nm", "objcopy", "rm", "rustc", "sccache", "strip",
};

static const char *count_skip_blanks(const char *text)
{
	return text + strspn(text, " ");
}

/*
 * Find the path in "CC foo.o", "CC [M]  foo.o" or "RUSTC L foo.o".  NULL if
 * text is not like these.
 */
static const char *count_find_path(const char *text)
{
	size_t len = strspn(text, UPPER DIGITS ".-");

	if (len < 2 || len > LONGEST_ACTION || !isupper((unsigned char)*text) ||
	    text[len] != ' ')
		return NULL;
	text = count_skip_blanks(text + len);

	len = strspn(text, "[]" UPPER);
	if (len && text[len] == ' ' && (*text == '[' || len == 1))
		text = count_skip_blanks(text + len);

	return isgraph((unsigned char)*text) ? text : NULL;
}

/* Returns the tool's name as in the table, of "/usr/bin/arm-none-gcc -c", or NULL. */
static const char *count_find_tool(const char *command)
{
	size_t len = strcspn(command, " "), i, tool;

	for (i = 0; i < sizeof(tools) / sizeof(*tools); i++) {
		tool = strlen(tools[i]);
		if (len < tool || strncmp(command + len - tool, tools[i], tool))
			continue;
		if (len == tool || strchr("/-", command[len - tool - 1]))
			return tools[i];
	}
	return NULL;
}

/* Copy the words up to path and the first word of path, blanks squeezed. */
static void count_name_action(struct count *count, const char *words, const char *path)
{
	char *out = count->action, *end = out + sizeof(count->action) - 1;
	const char *in;

	for (in = words; *in && (in < path || *in != ' ') && out < end; in++)
		if (*in != ' ' || in[1] != ' ')
			*out++ = isprint((unsigned char)*in) ? *in : '?';
	*out = '\0';
}

static void count_name_command(struct count *count, const char *tool,
			       const char *line, size_t size)
{
	const char *option = memmem(line, size, " -o ", 4);
	char words[sizeof(count->action)];

	if (!option)
		return;
	option += 4;
	snprintf(words, sizeof(words), "%s %.*s", tool,
		 (int)(line + size - option), option);
	count_name_action(count, words, strchr(words, ' ') + 1);
}

/* head: the beginning of the line, as a string. */
static void count_command(struct count *count, const char *head,
			  const char *line, size_t size)
{
	const char *command = count_skip_blanks(head);
	const char *tool;

	/* Deeper, and with numbers, are the compiler's quotes of the source. */
	if (command - head > 3 || isdigit((unsigned char)*command))
		return;

	if (count->announced) {
		count->announced--;
		return;
	}

	tool = count_find_tool(command);
	if (tool) {
		count->units++;
		count_name_command(count, tool, line, size);
	}
}

static void count_line(struct count *count, const char *line, size_t size)
{
	char head[256] = "";
	const char *path;

	if (size < 4 || (*line != ' ' && *line != '#') || line[1] != ' ')
		return;
	memcpy(head, line, size < sizeof(head) ? size : sizeof(head) - 1);

	path = count_find_path(head + 2);
	if (path) {
		count->units++;
		count->announced += *head == '#';
		count_name_action(count, head + 2, path);
	} else if (*head == '#') {
		/* A command that has no name when V is not 1. */
		count->announced += !strncmp(head, "# cmd_", 6);
	} else {
		count_command(count, head, line, size);
	}
}

static void count_keep(struct count *count, const char *bytes, size_t size)
{
	size_t room = sizeof(count->line) - count->kept;

	/* The beginning of a line is enough. */
	if (size > room)
		size = room;
	memcpy(count->line + count->kept, bytes, size);
	count->kept += size;
}

void count_bytes(struct count *count, const char *bytes, size_t size)
{
	const char *end = bytes + size;
	const char *newline;

	while (bytes < end) {
		newline = memchr(bytes, '\n', end - bytes);
		if (!newline) {
			count_keep(count, bytes, end - bytes);
			return;
		}

		if (count->kept) {
			count_keep(count, bytes, newline - bytes);
			count_line(count, count->line, count->kept);
			count->kept = 0;
		} else {
			count_line(count, bytes, newline - bytes);
		}
		bytes = newline + 1;
	}
}
