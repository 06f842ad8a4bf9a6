// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/macros.h"
#include "vm/watch/report.h"

#define REPORT_LINES 200
#define REPORT_LEN (32 * 1024)
#define HEAD_LINES 12 /* by then a report has said what went wrong */

/* Microseconds without a line after which a report has ended. */
#define PAUSE_IN_HEAD 1000000
#define PAUSE_IN_REPORT 5000000
#define PAUSE_AFTER_TRACE 100000

/* The traps that a line with [#n] tells of. */
enum {
	TRAP_FAULT = 1, /* Oops: 0002 [#1] */
	TRAP_BUG = 2, /* Oops: invalid opcode: 0000 [#1] */
	TRAP_STACK = 4,
	TRAP_OTHER = 8, /* which nobody has announced */
};

static const struct {
	const char *kind;
	unsigned int awaits;
	bool has_frame; /* a BUG() or WARN() of its own follows */
	bool has_cut; /* it stands behind "cut here" */
	enum splat_where_kind where;
} kinds[] = {
	{ "oops", TRAP_FAULT, false, true, SPLAT_WHERE_FAULT },
	{ "warn", 0, false, true, SPLAT_WHERE_NONE },
	{ "bug", 0, false, true, SPLAT_WHERE_NONE },
	{ "ubsan", 0, false, true, SPLAT_WHERE_NONE },
	{ "dma", 0, false, true, SPLAT_WHERE_NONE },
	{ "hardware", 0, false, true, SPLAT_WHERE_NONE },
	{ "list", TRAP_BUG, true, true, SPLAT_WHERE_NONE },
	{ "refcount", TRAP_BUG, true, true, SPLAT_WHERE_CHECK },
	{ "object", TRAP_BUG, true, true, SPLAT_WHERE_CHECK },
	{ "fortify", TRAP_BUG, true, true, SPLAT_WHERE_CHECK },
	{ "usercopy", TRAP_BUG, true, true, SPLAT_WHERE_NONE },
	{ "slab", TRAP_BUG, true, true, SPLAT_WHERE_NONE },
	{ "cfi", TRAP_BUG, true, true, SPLAT_WHERE_NONE },
	{ "page", TRAP_BUG, true, false, SPLAT_WHERE_NONE },
	{ "rust", TRAP_BUG, true, false, SPLAT_WHERE_NONE },
	{ "stack", TRAP_STACK | TRAP_FAULT, true, false, SPLAT_WHERE_NONE },
	{ "lockdep", 0, false, false, SPLAT_WHERE_CHECK },
	{ "rcu", 0, false, false, SPLAT_WHERE_STALL },
	{ "", 0, false, false, SPLAT_WHERE_NONE }, /* all others */
};

/* The row of a kind; that of the others for NULL. */
static size_t row(const char *kind)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds) - 1; i++)
		if (kind && !strcmp(kind, kinds[i].kind))
			break;
	return i;
}

static bool starts_with_one(const struct splat_message *message,
			    const char * const *texts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (splat_message_starts(message, texts[i]))
			return true;
	return false;
}

static bool has_one(const struct splat_message *message,
		    const char * const *texts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (splat_message_has(message, texts[i]))
			return true;
	return false;
}

static void copy_caller(char *to, const struct splat_message *message)
{
	size_t len = message->caller_len;

	if (len >= SPLAT_CALLER)
		len = SPLAT_CALLER - 1;
	memcpy(to, message->caller, len);
	to[len] = '\0';
}

struct splat_report *splat_report_open(const struct splat_message *message,
				       unsigned long number)
{
	struct splat_report *report;

	report = calloc(1, sizeof(*report));
	if (!report)
		return NULL;
	report->source = message->source;
	report->number = number;
	report->begun = message->time;
	report->last = message->time;
	report->place = SPLAT_NONE;
	report->in_head = true;
	copy_caller(report->caller, message);
	return report;
}

void splat_report_free(struct splat_report *report)
{
	free(report->text);
	free(report);
}

bool splat_report_is_of(const struct splat_report *report,
			const struct splat_message *message)
{
	char caller[SPLAT_CALLER];

	if (report->source != message->source)
		return false;
	copy_caller(caller, message);
	return !strcmp(report->caller, caller) ||
	       (*report->nmi_caller && !strcmp(report->nmi_caller, caller));
}

void splat_report_let_in(struct splat_report *report,
			 const struct splat_message *message)
{
	copy_caller(report->nmi_caller, message);
}

bool splat_report_is_kind(const struct splat_report *report, const char *kind)
{
	return report->kind && !strcmp(report->kind, kind);
}

bool splat_report_has_paused(const struct splat_report *report,
			     const struct splat_message *message)
{
	unsigned long long pause = PAUSE_IN_REPORT;

	if (report->had_trace && !report->in_trace)
		pause = PAUSE_AFTER_TRACE;
	else if (report->in_head &&
		 !(report->awaits && splat_report_is_kind(report, "oops")))
		pause = PAUSE_IN_HEAD;
	return message->time != SPLAT_NO_TIME &&
	       report->last != SPLAT_NO_TIME &&
	       message->time > report->last + pause;
}

/* The trap that a line with [#n] tells of; 0 for one without. */
static unsigned int trap_of(const struct splat_message *message)
{
	static const char * const bugs[] = {
		"invalid opcode", "BUG", "Kernel bug", "sig: 5 ", "CFI",
		"monitor event", "Break instruction", "ebreak",
	};
	static const char * const stacks[] = {
		"stack guard page", "stack overflow", "double fault",
	};
	static const char * const faults[] = {
		"Oops: 0", "Oops: Oops: 0", "Oops [#", "Oops[#", "Oops: Kernel ",
		"Internal error: Oops: ", "Oops: Machine check, sig: 7",
	};
	const char *hash = memmem(message->text, message->len, "[#", 2);

	if (!hash || hash + 2 == message->text + message->len ||
	    !isdigit((unsigned char)hash[2]))
		return 0;
	if (has_one(message, bugs, ARRAY_SIZE(bugs)))
		return TRAP_BUG;
	if (has_one(message, stacks, ARRAY_SIZE(stacks)))
		return TRAP_STACK;
	if (starts_with_one(message, faults, ARRAY_SIZE(faults)))
		return TRAP_FAULT;
	return TRAP_OTHER;
}

bool splat_report_takes_number(const struct splat_report *report,
			       const struct splat_message *message)
{
	if (!report->in_head && !splat_report_is_kind(report, "oops"))
		return false;
	return report->awaits & trap_of(message);
}

bool splat_report_is_waiting(const struct splat_report *report)
{
	if (report->place == SPLAT_NONE)
		return report->has_cut;
	return splat_report_is_kind(report, "oops") &&
	       (report->awaits ||
		(report->in_head && !*splat_where_name(&report->where)));
}

bool splat_report_takes_cut(const struct splat_report *report)
{
	if (!report->in_head || report->has_cut)
		return false;
	return report->place == SPLAT_NONE || kinds[row(report->kind)].has_frame;
}

/* A line of a machine check, which has many */
static bool is_hardware_error(const struct splat_message *message)
{
	return splat_message_has(message, "[Hardware Error]: ");
}

/*
 * What KASAN makes of the address stands beside the words of a fault; not where x86
 * says BUG, for there the address is one.
 */
static bool is_guess(const struct splat_message *message)
{
	return splat_message_starts(message, "KASAN: ");
}

/* The words of BUG() and WARN() themselves; a fault follows from neither. */
static bool is_frame(const struct splat_message *message)
{
	static const char * const starts[] = {
		"kernel BUG at ", "Kernel BUG at ", "WARNING: ",
	};

	return starts_with_one(message, starts, ARRAY_SIZE(starts)) ||
	       trap_of(message) & (TRAP_BUG | TRAP_STACK);
}

/* Can WARN() or BUG() print these words?  Others of a bug, or an interrupt, come from printk(). */
static bool is_behind_cut(const struct splat_message *message,
			  const char *kind)
{
	return kinds[row(kind)].has_cut && !is_hardware_error(message) &&
	       !splat_message_starts(message, "irq ") &&
	       (strcmp(kind, "bug") || splat_message_starts(message, "BUG"));
}

/* Older kernels print the message of a WARN() behind its own line. */
static bool is_message_of_warn(const struct splat_message *message,
			       const char *kind)
{
	return is_behind_cut(message, kind) && strcmp(kind, "oops") &&
	       strcmp(kind, "bug") && strcmp(kind, "ubsan") &&
	       (strcmp(kind, "warn") || !is_frame(message));
}

/* Some tell in several lines, each with words, of one event. */
static bool goes_on(const struct splat_report *report,
		    const struct splat_message *message,
		    const struct splat_words *words, const char *kind)
{
	if (!report->kind || strcmp(report->kind, kind))
		return false;
	/* First who wants memory, at the end who is killed for it. */
	if (!strcmp(kind, "oom"))
		return report->place != words->place;
	return !strcmp(kind, "hardware") && is_hardware_error(message) &&
	       strstr(report->title, "[Hardware Error]: ");
}

bool splat_report_takes_words(const struct splat_report *report,
			      const struct splat_message *message,
			      const struct splat_words *words, const char *kind)
{
	if (report->place == SPLAT_NONE)
		return !report->has_cut || is_behind_cut(message, kind);
	if (words->is_allowed || goes_on(report, message, words, kind))
		return true;
	if (report->place == words->place || !report->in_head)
		return false;
	if (splat_report_is_kind(report, "oops"))
		return is_guess(message) && strncmp(report->title, "BUG: ", 5);
	if (splat_report_is_kind(report, "warn"))
		return report->has_cut && is_message_of_warn(message, kind);
	if (strcmp(kind, "oops") && strcmp(kind, "warn"))
		return false;
	return (report->has_cut || kinds[row(report->kind)].has_frame) &&
	       is_frame(message);
}

/* Which lines with [#n] follow these words? */
static unsigned int awaited(const struct splat_message *message,
			    const char *kind)
{
	if (trap_of(message))
		return 0;
	if (is_guess(message))
		return TRAP_FAULT | TRAP_OTHER;
	if (!strcmp(kind, "oops") && is_frame(message))
		return TRAP_BUG;
	return kinds[row(kind)].awaits;
}

void splat_report_add_words(struct splat_report *report,
			    const struct splat_message *message,
			    const struct splat_words *words, const char *kind)
{
	size_t len;

	if (trap_of(message))
		report->awaits = 0;
	else
		report->awaits |= awaited(message, kind);
	if (report->place != SPLAT_NONE &&
	    (report->place <= words->place || words->is_allowed))
		return;
	report->is_allowed |= words->is_allowed;
	report->place = words->place;
	report->kind = kind;
	if (report->is_allowed)
		return;
	len = strlen(words->title);
	memcpy(report->title, words->title, len + 1);
	report->in_title = len && words->title[len - 1] == ':' &&
			   !strcmp(kind, "rust");
}

static bool make_room(struct splat_report *report, size_t len, int *err)
{
	size_t room = report->room ? report->room : 1024;
	char *text;

	if (report->lines == REPORT_LINES || report->len + len > REPORT_LEN)
		return false;
	while (room < report->len + len)
		room *= 2;
	if (room == report->room)
		return true;
	text = realloc(report->text, room);
	if (!text) {
		*err = -ENOMEM;
		return false;
	}
	report->text = text;
	report->room = room;
	return true;
}

/* A terminal or a parser of JSON may be led astray by other bytes. */
static char printable(char c)
{
	return c == '\t' || (c >= ' ' && c <= '~') ? c : '?';
}

static int append(struct splat_report *report,
		  const struct splat_message *message)
{
	int err = 0;
	size_t i;

	report->last = message->time;
	if (report->is_full || !make_room(report, message->len + 2, &err)) {
		report->is_full = true;
		return err;
	}
	for (i = 0; i < message->len; i++)
		report->text[report->len++] = printable(message->text[i]);
	report->text[report->len++] = '\n';
	report->text[report->len] = '\0';
	report->lines++;
	return 0;
}

/* What a report shows after it has said what went wrong. */
static bool is_detail(const struct splat_message *message)
{
	static const char * const starts[] = {
		"CPU: ", "Call Trace:", "Call trace:", "Hardware name:",
		"Modules linked in:", "RIP: ", "EIP: ", "pc : ", "Backtrace:",
		"stack backtrace:", " <TASK>", " dump_stack", "PC is at ",
		"epc : ", "NIP [", "EIP is at ",
	};

	return starts_with_one(message, starts, ARRAY_SIZE(starts));
}

/* The line behind that of a panic in Rust is its message. */
static void add_to_title(struct splat_report *report,
			 const struct splat_message *message)
{
	char rest[SPLAT_TITLE];
	size_t len = strlen(report->title);

	if (!report->in_title || !message->len)
		return;
	report->in_title = false;
	splat_list_title(rest, message->text, message->len);
	if (len + 1 + strlen(rest) < SPLAT_TITLE)
		sprintf(report->title + len, " %s", rest);
}

int splat_report_add(struct splat_report *report,
		     const struct splat_message *message)
{
	add_to_title(report, message);
	if (message->len)
		report->head++;
	if (is_detail(message) || report->head > HEAD_LINES)
		report->in_head = false;
	if (splat_message_starts(message, " <TASK>"))
		report->in_trace = true;
	if (splat_message_starts(message, " </TASK>")) {
		report->in_trace = false;
		report->had_trace = true;
	}
	splat_where_take(&report->where, kinds[row(report->kind)].where,
			 message);
	return append(report, message);
}

void splat_report_end(struct splat_report *report)
{
	const char *where = splat_where_name(&report->where);
	size_t len = strlen(report->title);

	if (*where && !report->is_allowed)
		snprintf(report->title + len, sizeof(report->title) - len,
			 " in %s", where);
}
