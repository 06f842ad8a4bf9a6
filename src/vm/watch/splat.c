// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/macros.h"
#include "vm/watch/list.h"
#include "vm/watch/report.h"
#include "vm/watch/source.h"
#include "vm/watch/splat.h"

#define OPEN 8 /* reports at a time */
#define SAID 8 /* callers whose last line is known */
#define KEPT 64 /* different reports */

/* How long a line may have been said before what it is about. */
#define SAID_BEFORE 1000000

/* The last line of a caller that was in no report. */
struct said {
	enum splat_source source;
	char caller[SPLAT_CALLER];
	unsigned long long time;
	char text[SPLAT_TITLE];
	size_t len;
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
	struct splat_report *open[OPEN]; /* that spoke last is the last */
	size_t open_count;
	struct said said[SAID]; /* the latest first */
	unsigned long opened;
	struct finding findings[KEPT];
	size_t count;
	unsigned long lost;
	int err; /* since the last call */
};

/*
 * A report may have been cut off on one way before its title was complete: then
 * it begins like the other one and at the same time.
 */
static bool is_same(const struct finding *finding, const struct splat_report *report)
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
				    const struct splat_report *report)
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
		.kind = report->kind,
		.title = title,
	};
	return finding;
}

/* Take a report that has ended into the findings. */
static void count_report(struct splat_watch *watch, struct splat_report *report,
			 bool cut)
{
	enum splat_source source = report->source;
	struct finding *finding;

	splat_report_end(report);
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

static void close_report(struct splat_watch *watch,
			 struct splat_report *report, bool cut)
{
	size_t i;

	for (i = 0; watch->open[i] != report; i++)
		;
	watch->open_count--;
	memmove(&watch->open[i], &watch->open[i + 1],
		(watch->open_count - i) * sizeof(watch->open[0]));

	if (report->place != SPLAT_NONE && !report->is_allowed)
		count_report(watch, report, cut);
	splat_report_free(report);
}

static struct splat_report *open_report(struct splat_watch *watch,
					const struct splat_message *message)
{
	struct splat_report *report;

	report = splat_report_open(message, watch->opened++);
	if (!report) {
		watch->err = -ENOMEM;
		return NULL;
	}
	if (watch->open_count == OPEN)
		close_report(watch, watch->open[0], true);
	watch->open[watch->open_count++] = report;
	return report;
}

/* Add a line to the report, which what follows then belongs to. */
static void add_line(struct splat_watch *watch, struct splat_report *report,
		     const struct splat_message *message)
{
	size_t i;
	int err;

	for (i = 0; watch->open[i] != report; i++)
		;
	memmove(&watch->open[i], &watch->open[i + 1],
		(watch->open_count - 1 - i) * sizeof(watch->open[0]));
	watch->open[watch->open_count - 1] = report;

	err = splat_report_add(report, message);
	if (err < 0)
		watch->err = err;
}

/* The report that this caller tells. */
static struct splat_report *find_open(const struct splat_watch *watch,
				      const struct splat_message *message)
{
	size_t i;

	for (i = watch->open_count; i-- > 0;)
		if (splat_report_is_of(watch->open[i], message))
			return watch->open[i];
	return NULL;
}

/* Another processor adds its trace to the report that asked for it. */
static struct splat_report *find_asking(const struct splat_watch *watch,
					const struct splat_message *message)
{
	struct splat_report *report;
	size_t i;

	if (!splat_message_starts(message, "NMI backtrace for cpu "))
		return NULL;
	for (i = watch->open_count; i-- > 0;) {
		report = watch->open[i];
		if (report->source == message->source &&
		    report->place != SPLAT_NONE) {
			splat_report_let_in(report, message);
			return report;
		}
	}
	return NULL;
}

/* The task that the first line of a WARN() names: PID: 30, or since 6.19 modprobe/30. */
static long warned_task(const struct splat_message *message)
{
	static const char mark[] = " PID: ";
	const char *end = message->text + message->len;
	const char *c = memmem(message->text, message->len, mark, strlen(mark));
	long task = 0;

	c = c ? c + strlen(mark) : memrchr(message->text, '/', message->len) + 1;
	while (c < end && *c >= '0' && *c <= '9')
		task = task * 10 + *c++ - '0';
	return task;
}

/*
 * WARN() with words of its own is a trap in the middle of a report, and where traps count
 * as interrupts (riscv64) it is the processor that speaks from there on.  Its first line
 * names the task whose report it goes on with.
 */
static void let_trap_in(struct splat_watch *watch,
			const struct splat_message *message)
{
	struct splat_report *report;
	char task[SPLAT_CALLER];
	size_t i;

	if (!message->caller_len || *message->caller != 'C' ||
	    !splat_message_starts(message, "WARNING: ") ||
	    !splat_message_has(message, "/"))
		return;
	snprintf(task, sizeof(task), "T%ld", warned_task(message));
	for (i = watch->open_count; i-- > 0;) {
		report = watch->open[i];
		if (report->source == message->source && report->has_cut &&
		    !strcmp(report->caller, task)) {
			splat_report_let_in(report, message);
			return;
		}
	}
}

/* An oops that was begun waits for this line, whatever stood between. */
static struct splat_report *find_waiting(const struct splat_watch *watch,
					 const struct splat_message *message)
{
	size_t i;

	for (i = watch->open_count; i-- > 0;)
		if (splat_report_is_of(watch->open[i], message) &&
		    splat_report_takes_number(watch->open[i], message))
			return watch->open[i];
	return NULL;
}

static void close_paused(struct splat_watch *watch,
			 const struct splat_message *message)
{
	struct splat_report *report;
	size_t i;

	for (i = watch->open_count; i-- > 0;) {
		report = watch->open[i];
		if (splat_report_is_of(report, message) &&
		    splat_report_has_paused(report, message))
			close_report(watch, report, false);
	}
}

/* Another report begins. */
static void close_told(struct splat_watch *watch, struct splat_report *report)
{
	if (report && !splat_report_is_waiting(report))
		close_report(watch, report, false);
}

static bool is_cut_here(const struct splat_message *message)
{
	return splat_message_starts(message, "------------[ cut here ]");
}

static bool is_bar(const struct splat_message *message)
{
	size_t i, len = message->len;

	while (len && message->text[len - 1] == ' ')
		len--;
	for (i = 0; i < len && message->text[i] == '='; i++)
		;
	return i == len && i >= 20;
}

static bool is_end(const struct splat_message *message)
{
	return splat_message_starts(message, "---[ end trace ") ||
	       splat_message_starts(message, "---[ end Kernel panic");
}

/* A row of = or a cut: a report may follow, or end. */
static void take_heading(struct splat_watch *watch, struct splat_report *report,
			 const struct splat_message *message)
{
	bool cut = is_cut_here(message);

	if (report && report->has_bar && report->place != SPLAT_NONE && !cut) {
		add_line(watch, report, message);
		close_report(watch, report, false);
		return;
	}
	if (report && !(cut && splat_report_takes_cut(report))) {
		close_told(watch, report);
		report = NULL;
	}
	if (!report)
		report = open_report(watch, message);
	if (!report)
		return;
	report->has_cut |= cut;
	report->has_bar |= !cut;
	add_line(watch, report, message);
}

/* The open report of this caller that the words tell more of. */
static struct splat_report *find_told(struct splat_watch *watch,
				      const struct splat_message *message,
				      const struct splat_words *words,
				      const char *kind)
{
	struct splat_report *report = find_waiting(watch, message);
	size_t i;

	if (report)
		return report;
	for (i = watch->open_count; i-- > 0;) {
		report = watch->open[i];
		if (!splat_report_is_of(report, message))
			continue;
		if (splat_report_takes_words(report, message, words, kind))
			return report;
	}
	return NULL;
}

static void close_all(struct splat_watch *watch,
		      const struct splat_message *message)
{
	struct splat_report *report;

	while ((report = find_open(watch, message)))
		close_report(watch, report, false);
}

static void take_words(struct splat_watch *watch,
		       const struct splat_message *message,
		       const struct splat_words *words)
{
	const char *kind = splat_list_kind(watch->list, words->place);
	struct splat_report *report = NULL;
	bool is_new;

	if (!strcmp(kind, "panic") && !words->is_allowed)
		close_all(watch, message);
	else
		report = find_told(watch, message, words, kind);
	is_new = !report;
	if (!report) {
		close_told(watch, find_open(watch, message));
		report = open_report(watch, message);
	}
	if (!report)
		return;

	add_line(watch, report, message);
	splat_report_add_words(report, message, words, kind);
	if (is_new && words->is_line)
		close_report(watch, report, false);
}

static bool is_said_by(const struct said *said,
		       const struct splat_message *message)
{
	return said->source == message->source &&
	       strlen(said->caller) == message->caller_len &&
	       !memcmp(said->caller, message->caller, message->caller_len);
}

/* What this caller said before the message; NULL if that is long ago. */
static const struct said *find_said(const struct splat_watch *watch,
				    const struct splat_message *message)
{
	const struct said *said;

	for (said = watch->said; said < watch->said + SAID; said++)
		if (said->len && is_said_by(said, message))
			return message->time == SPLAT_NO_TIME ||
			       said->time == SPLAT_NO_TIME ||
			       message->time <= said->time + SAID_BEFORE ?
			       said : NULL;
	return NULL;
}

/* It was in no report. */
static void note_said(struct splat_watch *watch,
		      const struct splat_message *message)
{
	struct said *said = watch->said;
	struct said new = { .source = message->source, .time = message->time };

	if (!message->len || message->caller_len >= SPLAT_CALLER)
		return;
	memcpy(new.caller, message->caller, message->caller_len);
	new.len = message->len < SPLAT_TITLE ? message->len : SPLAT_TITLE - 1;
	memcpy(new.text, message->text, new.len);

	while (said < watch->said + SAID - 1 && !is_said_by(said, message))
		said++;
	memmove(watch->said + 1, watch->said,
		(char *)said - (char *)watch->said);
	watch->said[0] = new;
}

/* What was said before, as a message. */
static struct splat_message repeat(const struct said *said,
				   const struct splat_message *message)
{
	struct splat_message before = *message;

	before.time = said->time;
	before.text = said->text;
	before.len = said->len;
	return before;
}

/*
 * A trace without words of its own.  What its caller said before it is what it is
 * about, and may be allowed.
 */
static void take_trace(struct splat_watch *watch,
		       const struct splat_message *message,
		       const struct splat_words *words)
{
	const struct said *said = find_said(watch, message);
	struct splat_words told = *words;
	struct splat_report *report;
	struct splat_message before;
	char title[SPLAT_TITLE];

	report = open_report(watch, message);
	if (!report)
		return;
	if (said) {
		before = repeat(said, message);
		add_line(watch, report, &before);
		told.is_allowed |= splat_list_allows(watch->list, said->text,
						     said->len);
		splat_list_title(title, said->text, said->len);
		/* Of blanks and offsets nothing is left. */
		if (*title)
			memcpy(told.title, title, sizeof(title));
	}
	add_line(watch, report, message);
	splat_report_add_words(report, message, &told,
			       splat_list_kind(watch->list, words->place));
}

/*
 * The name of a task may have newlines in it, which part the line that tells that
 * it hangs.  Put it together, in room for it.  Returns whether it can be one.
 */
static bool join_name(const struct splat_watch *watch,
		      const struct splat_message *message,
		      struct splat_message *joined, char room[SPLAT_LINE])
{
	static const char begins[] = "INFO: task ";
	const struct said *said = find_said(watch, message);
	size_t len;

	if (!said || said->len < strlen(begins) ||
	    memcmp(said->text, begins, strlen(begins)) ||
	    message->len > SPLAT_LINE - SPLAT_TITLE)
		return false;
	memcpy(room, said->text, said->len);
	len = said->len;
	room[len++] = ' ';
	memcpy(room + len, message->text, message->len);
	*joined = *message;
	joined->text = room;
	joined->len = len + message->len;
	return true;
}

/* A line of no heading and no end. */
static void take_text(struct splat_watch *watch,
		      const struct splat_message *message)
{
	struct splat_report *report;

	report = find_waiting(watch, message);
	if (report)
		report->awaits = 0;
	else
		report = find_open(watch, message);
	if (!report)
		report = find_asking(watch, message);
	if (!report) {
		note_said(watch, message);
		return;
	}
	add_line(watch, report, message);
	if (report->place == SPLAT_NONE && !report->in_head)
		close_report(watch, report, false);
}

static void take_line(struct splat_watch *watch,
		      const struct splat_message *message)
{
	bool in_report = find_open(watch, message);
	struct splat_message joined;
	struct splat_words words;
	char room[SPLAT_LINE];

	if (splat_list_find(watch->list, message->text, message->len, &words)) {
		if (strcmp(splat_list_kind(watch->list, words.place), "trace"))
			take_words(watch, message, &words);
		else if (in_report)
			take_text(watch, message);
		else
			take_trace(watch, message, &words);
		return;
	}
	if (!in_report && join_name(watch, message, &joined, room)) {
		if (splat_list_find(watch->list, joined.text, joined.len,
				    &words))
			take_words(watch, &joined, &words);
		else
			note_said(watch, &joined);
		return;
	}
	take_text(watch, message);
}

static void take_message(void *context, const struct splat_message *message)
{
	struct splat_watch *watch = context;
	struct splat_report *report;

	if (message->source != SPLAT_CONSOLE)
		splat_console_saw(&watch->console, message->time);
	close_paused(watch, message);
	let_trap_in(watch, message);
	report = find_open(watch, message);
	if (is_cut_here(message) || is_bar(message)) {
		take_heading(watch, report, message);
	} else if (report && is_end(message)) {
		add_line(watch, report, message);
		close_report(watch, report, false);
	} else {
		take_line(watch, message);
	}
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
		splat_report_free(watch->open[i]);
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

void splat_watch_clock(struct splat_watch *watch, unsigned long long clock)
{
	watch->console.clock = clock;
}

int splat_watch_kmsg(struct splat_watch *watch, const char *record,
		     size_t len)
{
	splat_kmsg_feed(record, len, take_message, watch);
	return take_err(watch);
}

int splat_watch_flush(struct splat_watch *watch)
{
	struct splat_report *report;

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
