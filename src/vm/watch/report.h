/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * splat-report - a report that is being told
 *
 * For splat.c: the lines of one report, and whether a line or other words belong
 * to it.  Until a report shows where it was it is in its head, and words may come
 * that tell more of it.
 */
#ifndef VM_SPLAT_REPORT_H
#define VM_SPLAT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "vm/watch/list.h"
#include "vm/watch/source.h"
#include "vm/watch/where.h"

#define SPLAT_CALLER 32 /* the longest caller, with a NUL */

struct splat_report {
	enum splat_source source;
	unsigned long number; /* in the order of their beginnings */
	char caller[SPLAT_CALLER];
	char nmi_caller[SPLAT_CALLER]; /* a processor that was asked for more */
	unsigned long long begun;
	unsigned long long last; /* when its last line came */
	int place; /* in the list; SPLAT_NONE: its words have not come yet */
	const char *kind; /* NULL until then */
	char title[SPLAT_TITLE + SPLAT_WHERE];
	struct splat_where where;
	char *text;
	size_t len;
	size_t room;
	int lines;
	int head; /* lines in the head that say something */
	unsigned int awaits; /* lines with [#n] that may be its own */
	bool is_allowed; /* and counts nothing */
	bool has_cut; /* began with "cut here", so it has an end */
	bool has_bar; /* began with ====, and may end so */
	bool in_head; /* it has yet to say what went wrong */
	bool in_title; /* the next line belongs to the title */
	bool in_trace;
	bool had_trace;
	bool is_full;
};

/* Returns NULL without memory. */
struct splat_report *splat_report_open(const struct splat_message *message,
				       unsigned long number);
void splat_report_free(struct splat_report *report);

/* Is it this one's caller who speaks? */
bool splat_report_is_of(const struct splat_report *report,
			const struct splat_message *message);

/* This caller, too, speaks for the report. */
void splat_report_let_in(struct splat_report *report,
			 const struct splat_message *message);

bool splat_report_is_kind(const struct splat_report *report, const char *kind);

/* Has it ended before this message came? */
bool splat_report_has_paused(const struct splat_report *report,
			     const struct splat_message *message);

/* Is the message a line with [#n] that the report has waited for? */
bool splat_report_takes_number(const struct splat_report *report,
			       const struct splat_message *message);

/* Is it an oops without that line, or a heading without words, until these come? */
bool splat_report_is_waiting(const struct splat_report *report);

/* Is this "cut here" that of a BUG() or WARN() of its own? */
bool splat_report_takes_cut(const struct splat_report *report);

/* Do the words, of this kind, tell more of it?  Else they begin another one. */
bool splat_report_takes_words(const struct splat_report *report,
			      const struct splat_message *message,
			      const struct splat_words *words, const char *kind);

/* They do; the message itself has been added. */
void splat_report_add_words(struct splat_report *report,
			    const struct splat_message *message,
			    const struct splat_words *words, const char *kind);

/* Add a line.  Returns 0 or -ENOMEM; the report goes on without it. */
int splat_report_add(struct splat_report *report,
		     const struct splat_message *message);

/* Complete the title; no line follows. */
void splat_report_end(struct splat_report *report);

#endif
