// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "macros.h"
#include "splat-list.h"
#include "splat-source.h"
#include "splat.h"

#define CALLER_LEN 32
#define WHERE_LEN 128
#define REPORT_LINES 200
#define REPORT_LEN (32 * 1024)
#define HEAD_LINES 12 /* by then a report has said what went wrong */
#define OPEN 8 /* reports at a time, of different callers */
#define KEPT 64 /* different reports */

/* Microseconds without a line after which a report has ended. */
#define PAUSE_IN_HEAD 1000000
#define PAUSE_IN_REPORT 5000000
#define PAUSE_AFTER_TRACE 100000

/* A report that is being told. */
struct report {
	enum splat_source source;
	unsigned long number; /* in the order of their beginnings */
	char caller[CALLER_LEN];
	char nmi_caller[CALLER_LEN]; /* a processor that was asked for more */
	unsigned long long begun;
	unsigned long long last; /* when its last line came */
	int place; /* in the list; SPLAT_NONE: its words have not come yet */
	char title[SPLAT_TITLE + WHERE_LEN];
	char where[WHERE_LEN]; /* the function of a fault */
	char *text;
	size_t len;
	size_t room;
	int lines;
	bool has_cut; /* began with "cut here", so it has an end */
	bool has_bar; /* began with ====, and may end so */
	bool in_head; /* it has yet to say what went wrong */
	bool in_trace;
	bool had_trace;
	bool is_full;
};

/* All reports with the same title. */
struct finding {
	unsigned long number; /* of the first report */
	const char *kind;
	char *title;
	struct {
		char *text; /* of the first; NULL: there was none */
		bool cut;
		unsigned long long begun; /* the first */
		unsigned long long last; /* the last of them began */
		unsigned long times;
	} from[SPLAT_SOURCES];
};

struct splat_watch {
	const struct splat_list *list;
	struct splat_console console;
	struct report *open[OPEN]; /* the oldest first */
	size_t open_count;
	unsigned long opened;
	struct finding findings[KEPT];
	size_t count;
	unsigned long lost;
	int err; /* since the last call */
};

static bool starts_with(const struct splat_message *message, const char *text)
{
	size_t len = strlen(text);

	return message->len >= len && !memcmp(message->text, text, len);
}

static bool starts_with_one(const struct splat_message *message,
			    const char * const *texts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (starts_with(message, texts[i]))
			return true;
	return false;
}

static bool is_cut_here(const struct splat_message *message)
{
	return starts_with(message, "------------[ cut here ]");
}

static bool is_bar(const struct splat_message *message)
{
	size_t i;

	for (i = 0; i < message->len && message->text[i] == '='; i++)
		;
	return i == message->len && i >= 20;
}

/* What a report shows after it has said what went wrong. */
static bool is_detail(const struct splat_message *message)
{
	static const char * const starts[] = {
		"CPU: ", "Call Trace:", "Call trace:", "Hardware name:",
		"Modules linked in:", "RIP: ", "EIP: ", "pc : ", "Backtrace:",
		"stack backtrace:", " <TASK>", " dump_stack",
	};

	return starts_with_one(message, starts, ARRAY_SIZE(starts));
}

static bool is_end(const struct splat_message *message)
{
	static const char * const starts[] = {
		"---[ end trace ", "---[ end Kernel panic",
	};

	return starts_with_one(message, starts, ARRAY_SIZE(starts));
}

/*
 * A report may have been cut off on one way before its title was complete: then
 * it begins like the other one and at the same time.
 */
static bool is_same(const struct finding *finding, const struct report *report)
{
	size_t len = strlen(finding->title);
	size_t report_len = strlen(report->title);
	enum splat_source source;

	if (strncmp(finding->title, report->title,
		    len < report_len ? len : report_len))
		return false;
	if (len == report_len)
		return true;
	for (source = 0; source < SPLAT_SOURCES; source++)
		if (source != report->source && finding->from[source].times &&
		    finding->from[source].begun == report->begun &&
		    report->begun != SPLAT_NO_TIME)
			return true;
	return false;
}

static struct finding *find_finding(struct splat_watch *watch,
				    const struct report *report)
{
	struct finding *finding;
	char *title;
	size_t i;

	for (i = 0; i < watch->count; i++)
		if (is_same(&watch->findings[i], report))
			return &watch->findings[i];
	if (watch->count == KEPT)
		return NULL;
	title = strdup(report->title);
	if (!title) {
		watch->err = -ENOMEM;
		return NULL;
	}

	while (i && watch->findings[i - 1].number > report->number)
		i--;
	finding = &watch->findings[i];
	memmove(finding + 1, finding, (watch->count++ - i) * sizeof(*finding));
	*finding = (struct finding){
		.number = report->number,
		.kind = splat_list_kind(watch->list, report->place),
		.title = title,
	};
	return finding;
}

/* Take a report that has ended into the findings. */
static void count_report(struct splat_watch *watch, struct report *report,
			 bool cut)
{
	enum splat_source source = report->source;
	size_t len = strlen(report->title);
	struct finding *finding;

	if (*report->where)
		snprintf(report->title + len, sizeof(report->title) - len,
			 " in %s", report->where);
	finding = find_finding(watch, report);
	if (!finding) {
		watch->lost++;
		return;
	}

	if (!finding->from[source].times) {
		finding->from[source].text = report->text;
		report->text = NULL;
		finding->from[source].cut = cut || report->is_full;
		finding->from[source].begun = report->begun;
	} else if (report->begun != SPLAT_NO_TIME &&
		   report->begun <= finding->from[source].last) {
		return; /* somebody prints the log once more */
	}
	finding->from[source].last = report->begun;
	finding->from[source].times++;
}

static void free_report(struct report *report)
{
	free(report->text);
	free(report);
}

static void close_report(struct splat_watch *watch, struct report *report,
			 bool cut)
{
	size_t i;

	for (i = 0; watch->open[i] != report; i++)
		;
	watch->open_count--;
	memmove(&watch->open[i], &watch->open[i + 1],
		(watch->open_count - i) * sizeof(watch->open[0]));

	if (report->place >= 0)
		count_report(watch, report, cut);
	free_report(report);
}

static void copy_caller(char *to, const struct splat_message *message)
{
	size_t len = message->caller_len;

	if (len >= CALLER_LEN)
		len = CALLER_LEN - 1;
	memcpy(to, message->caller, len);
	to[len] = '\0';
}

static struct report *open_report(struct splat_watch *watch,
				  const struct splat_message *message)
{
	struct report *report;

	report = calloc(1, sizeof(*report));
	if (!report) {
		watch->err = -ENOMEM;
		return NULL;
	}
	report->source = message->source;
	report->number = watch->opened++;
	report->begun = message->time;
	report->last = message->time;
	report->place = SPLAT_NONE;
	report->in_head = true;
	copy_caller(report->caller, message);

	if (watch->open_count == OPEN)
		close_report(watch, watch->open[0], true);
	watch->open[watch->open_count++] = report;
	return report;
}

/* The report that this caller tells. */
static struct report *find_open(const struct splat_watch *watch,
				const struct splat_message *message)
{
	char caller[CALLER_LEN];
	struct report *report;
	size_t i;

	copy_caller(caller, message);
	for (i = watch->open_count; i-- > 0;) {
		report = watch->open[i];
		if (report->source != message->source)
			continue;
		if (!strcmp(report->caller, caller) ||
		    (*report->nmi_caller &&
		     !strcmp(report->nmi_caller, caller)))
			return report;
	}
	return NULL;
}

/* Another processor adds its trace to the report that asked for it. */
static struct report *find_asking(const struct splat_watch *watch,
				  const struct splat_message *message)
{
	struct report *report;
	size_t i;

	if (!starts_with(message, "NMI backtrace for cpu "))
		return NULL;
	for (i = watch->open_count; i-- > 0;) {
		report = watch->open[i];
		if (report->source == message->source && report->place >= 0) {
			copy_caller(report->nmi_caller, message);
			return report;
		}
	}
	return NULL;
}

static bool has_paused(const struct report *report,
		       const struct splat_message *message)
{
	unsigned long long pause = PAUSE_IN_REPORT;

	if (report->in_head)
		pause = PAUSE_IN_HEAD;
	else if (report->had_trace && !report->in_trace)
		pause = PAUSE_AFTER_TRACE;
	return message->time != SPLAT_NO_TIME &&
	       report->last != SPLAT_NO_TIME &&
	       message->time > report->last + pause;
}

/* A terminal or a parser of JSON may be led astray by other bytes. */
static char printable(char c)
{
	return c == '\t' || (c >= ' ' && c <= '~') ? c : '?';
}

static bool make_room(struct splat_watch *watch, struct report *report,
		      size_t len)
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
		watch->err = -ENOMEM;
		return false;
	}
	report->text = text;
	report->room = room;
	return true;
}

static void append(struct splat_watch *watch, struct report *report,
		   const struct splat_message *message)
{
	size_t i;

	report->last = message->time;
	if (report->is_full || !make_room(watch, report, message->len + 2)) {
		report->is_full = true;
		return;
	}
	for (i = 0; i < message->len; i++)
		report->text[report->len++] = printable(message->text[i]);
	report->text[report->len++] = '\n';
	report->text[report->len] = '\0';
	report->lines++;
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.';
}

/* Keep the function of a fault: RIP: 0010:fn+0x1b/0x30 [module]. */
static void note_where(struct report *report,
		       const struct splat_message *message)
{
	static const char * const starts[] = { "RIP: ", "EIP: ", "IP: ", "pc : " };
	const char *end = message->text + message->len;
	const char *offset, *name, *module, *last;

	if (*report->where ||
	    !starts_with_one(message, starts, ARRAY_SIZE(starts)))
		return;
	offset = memmem(message->text, message->len, "+0x", 3);
	if (!offset)
		return;
	for (name = offset; is_name(name[-1]);)
		name--;

	module = memchr(offset, '[', end - offset);
	for (last = module; last && ++last < end && is_name(*last);)
		;
	if (!last || last == end || *last != ']')
		module = NULL;
	snprintf(report->where, sizeof(report->where), "%.*s%s%.*s",
		 (int)(offset - name), name, module ? " " : "",
		 module ? (int)(last + 1 - module) : 0, module ? module : "");
}

/* A row of = or a cut: a report may follow, or end. */
static void take_heading(struct splat_watch *watch, struct report *report,
			 const struct splat_message *message)
{
	bool cut = is_cut_here(message);

	if (report && report->has_bar && report->place != SPLAT_NONE && !cut) {
		append(watch, report, message);
		close_report(watch, report, false);
		return;
	}
	if (report && !(cut && report->in_head)) {
		close_report(watch, report, false);
		report = NULL;
	}
	if (!report)
		report = open_report(watch, message);
	if (!report)
		return;
	report->has_cut |= cut;
	report->has_bar |= !cut;
	append(watch, report, message);
}

static bool is_kind(const struct splat_watch *watch, int place,
		    const char *kind)
{
	return place >= 0 && !strcmp(splat_list_kind(watch->list, place), kind);
}

/* WARN() and BUG() add words of their own to those that tell more. */
static bool is_frame(const struct splat_watch *watch, int place)
{
	return is_kind(watch, place, "warn") || is_kind(watch, place, "oops");
}

/* Do the words belong to the report, or do they begin another? */
static bool goes_on(const struct splat_watch *watch,
		    const struct report *report, int place)
{
	if (report->place == SPLAT_NONE || place == SPLAT_ALLOWED)
		return true;
	if (report->place == place)
		return false;
	/* First who wants memory, at the end who is killed for it. */
	if (is_kind(watch, place, "oom") && is_kind(watch, report->place, "oom"))
		return true;
	if (!report->in_head)
		return false;
	if (report->place == SPLAT_ALLOWED)
		return true;
	return is_frame(watch, place) || is_frame(watch, report->place);
}

static struct report *take_words(struct splat_watch *watch,
				 struct report *report,
				 const struct splat_message *message, int place,
				 const char *title)
{
	if (report && (is_kind(watch, place, "panic") ||
		       !goes_on(watch, report, place))) {
		close_report(watch, report, false);
		report = NULL;
	}
	if (!report)
		report = open_report(watch, message);
	if (!report)
		return NULL;

	if (report->place == SPLAT_NONE ||
	    (place >= 0 && report->place > place)) {
		report->place = place;
		if (place >= 0)
			memcpy(report->title, title, SPLAT_TITLE);
	}
	return report;
}

static void take_text(struct splat_watch *watch, struct report *report,
		      const struct splat_message *message)
{
	if (is_detail(message) || report->lines > HEAD_LINES)
		report->in_head = false;
	if (starts_with(message, " <TASK>"))
		report->in_trace = true;
	if (starts_with(message, " </TASK>")) {
		report->in_trace = false;
		report->had_trace = true;
	}
	if (is_kind(watch, report->place, "oops"))
		note_where(report, message);
	append(watch, report, message);
	if (report->place == SPLAT_NONE && !report->in_head)
		close_report(watch, report, false);
}

static void take_message(void *context, const struct splat_message *message)
{
	struct splat_watch *watch = context;
	struct report *report = find_open(watch, message);
	char title[SPLAT_TITLE];
	int place;

	if (report && has_paused(report, message)) {
		close_report(watch, report, false);
		report = NULL;
	}
	if (is_cut_here(message) || is_bar(message)) {
		take_heading(watch, report, message);
		return;
	}
	if (report && is_end(message)) {
		append(watch, report, message);
		close_report(watch, report, false);
		return;
	}

	place = splat_list_find(watch->list, message->text, message->len,
				title);
	if (place != SPLAT_NONE)
		report = take_words(watch, report, message, place, title);
	else if (!report)
		report = find_asking(watch, message);
	if (!report)
		return;
	take_text(watch, report, message);
}

static int take_err(struct splat_watch *watch)
{
	int err = watch->err;

	watch->err = 0;
	return err;
}

int splat_watch_open(struct splat_watch **ret, const struct splat_list *list)
{
	struct splat_watch *watch;

	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return -ENOMEM;
	watch->list = list;
	*ret = watch;
	return 0;
}

void splat_watch_close(struct splat_watch *watch)
{
	enum splat_source source;
	size_t i;

	if (!watch)
		return;
	for (i = 0; i < watch->open_count; i++)
		free_report(watch->open[i]);
	for (i = 0; i < watch->count; i++) {
		free(watch->findings[i].title);
		for (source = 0; source < SPLAT_SOURCES; source++)
			free(watch->findings[i].from[source].text);
	}
	free(watch);
}

int splat_watch_console(struct splat_watch *watch, const char *bytes,
			size_t len)
{
	splat_console_feed(&watch->console, bytes, len, take_message, watch);
	return take_err(watch);
}

int splat_watch_kmsg(struct splat_watch *watch, const char *record,
		     size_t len)
{
	splat_kmsg_feed(record, len, take_message, watch);
	return take_err(watch);
}

int splat_watch_flush(struct splat_watch *watch)
{
	struct report *report;

	splat_console_flush(&watch->console, take_message, watch);
	while (watch->open_count) {
		report = watch->open[0];
		close_report(watch, report,
			     report->in_trace || report->has_cut);
	}
	return take_err(watch);
}

/* What the console shows of a process' words is not the kernel's. */
static unsigned long times(const struct finding *finding)
{
	unsigned long console = finding->from[SPLAT_CONSOLE].times;
	unsigned long user = finding->from[SPLAT_USER].times;
	unsigned long kmsg = finding->from[SPLAT_KMSG].times;

	console = console > user ? console - user : 0;
	return console > kmsg ? console : kmsg;
}

size_t splat_watch_count(const struct splat_watch *watch)
{
	size_t i, count = 0;

	for (i = 0; i < watch->count; i++)
		count += times(&watch->findings[i]) > 0;
	return count;
}

void splat_watch_get(const struct splat_watch *watch, size_t i,
		     struct splat *ret)
{
	const struct finding *finding = watch->findings;
	enum splat_source best = SPLAT_KMSG;
	const char *text;

	for (; !times(finding) || i--; finding++)
		;

	/* Nobody else's lines get into that of kmsg. */
	if (!finding->from[SPLAT_KMSG].text ||
	    (finding->from[SPLAT_KMSG].cut && finding->from[SPLAT_CONSOLE].text))
		best = SPLAT_CONSOLE;
	text = finding->from[best].text;
	*ret = (struct splat){
		.kind = finding->kind,
		.title = finding->title,
		.report = text ? text : "", /* memory may have failed */
		.times = times(finding),
		.on_console = finding->from[SPLAT_CONSOLE].times,
		.in_kmsg = finding->from[SPLAT_KMSG].times,
		.cut = finding->from[best].cut,
	};
}

unsigned long splat_watch_lost(const struct splat_watch *watch)
{
	return watch->lost;
}
