/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * splat-source - the kernel's lines, out of what a machine says
 *
 * For splat.c.  On a console they come between lines of others; a prefix with
 * the time tells them apart: "[    1.234567] " or, with the task or processor
 * that speaks, "[    1.234567][   T12] ".  Once the kernel has named its version
 * in such a line, lines without a time are not its own.  Without times, every
 * line may be.
 *
 * Somebody may print a log on the console, of this kernel or of another.  A
 * kernel's times only grow, and no faster than those of the host: a line that
 * lies behind the last one, or ahead of the host's clock, is not the kernel's.
 */
#ifndef VM_SPLAT_SOURCE_H
#define VM_SPLAT_SOURCE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define SPLAT_LINE 2048 /* twice what the kernel prints in a line */
#define SPLAT_NO_TIME ULLONG_MAX

enum splat_source {
	SPLAT_CONSOLE,
	SPLAT_KMSG,
	SPLAT_USER, /* in /dev/kmsg by a process; the console shows it too */
	SPLAT_SOURCES
};

/* A line without its prefix; the texts end with their lengths. */
struct splat_message {
	enum splat_source source;
	unsigned long long time; /* since boot, in microseconds, or NO_TIME */
	const char *caller; /* T and a task, C and a processor, or nothing */
	size_t caller_len;
	const char *text;
	size_t len;
};

/* Does its text begin with this one, or have it anywhere? */
bool splat_message_starts(const struct splat_message *message,
			  const char *text);
bool splat_message_has(const struct splat_message *message, const char *text);

typedef void splat_take_fn(void *context, const struct splat_message *message);

/* Begin with `struct splat_console console = {}`. */
struct splat_console {
	char line[SPLAT_LINE]; /* what there is of the line that comes */
	size_t len;
	bool has_banner;
	bool has_times;
	unsigned long long clock; /* the machine runs for so long; 0: unknown */
	unsigned long long checked; /* the clock when a line was the kernel's */
	unsigned long long fast; /* the kernel's clock is so far ahead of it */
	unsigned long long last; /* the latest time of the kernel's */
	unsigned long long last_hash; /* of the text with that time */
	bool in_log; /* the line before was out of a log */
};

/* The next bytes of the console, cut anywhere; each message is taken. */
void splat_console_feed(struct splat_console *console, const char *bytes,
			size_t len, splat_take_fn *take, void *context);

/* The kernel's clock has come as far as this time. */
void splat_console_saw(struct splat_console *console, unsigned long long time);

/* Take what there is of the last line; returns whether there was any. */
bool splat_console_flush(struct splat_console *console, splat_take_fn *take,
			 void *context);

/* One record of /dev/kmsg; what is none is left out. */
void splat_kmsg_feed(const char *record, size_t len, splat_take_fn *take,
		     void *context);

#endif
