// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "vm/watch/source.h"

#define STAMP_LEN 40 /* of a prefix with time and caller, at most */
#define RECORD_LEN 8192 /* the longest of /dev/kmsg */

/*
 * Microseconds.  Processors note the time before they take their turn to print.
 * The guest measures its clock when it boots, and may do so badly on a busy host.
 */
#define JITTER 100000
#define CLOCK_GRACE 1000000
#define CLOCK_DRIFT 64 /* one in so many */

bool splat_message_starts(const struct splat_message *message,
			  const char *text)
{
	size_t len = strlen(text);

	return message->len >= len && !memcmp(message->text, text, len);
}

bool splat_message_has(const struct splat_message *message, const char *text)
{
	return memmem(message->text, message->len, text, strlen(text));
}

static bool is_digit(const char *c, const char *end)
{
	return c < end && isdigit((unsigned char)*c);
}

static const char *skip_blanks(const char *text, const char *end)
{
	while (text < end && *text == ' ')
		text++;
	return text;
}

/* The decimal number at *text, which moves behind it; false if none is. */
static bool read_number(unsigned long long *ret, const char **text,
			const char *end)
{
	const char *c = *text;

	for (*ret = 0; is_digit(c, end); c++)
		*ret = *ret * 10 + *c - '0';
	if (c == *text)
		return false;
	*text = c;
	return true;
}

/* The end of a caller, T and a task or C and a processor; or NULL. */
static const char *skip_caller(const char *text, const char *end)
{
	unsigned long long number;

	if (text == end || (*text != 'T' && *text != 'C'))
		return NULL;
	text++;
	return read_number(&number, &text, end) ? text : NULL;
}

/*
 * Read the caller in brackets that may follow the time.  Returns where the text
 * goes on.  What stands directly behind the time is one, whatever it says.
 */
static const char *read_caller(struct splat_message *message, const char *text,
			       const char *end)
{
	const char *open = skip_blanks(text, end);
	const char *caller, *close;

	message->caller_len = 0;
	if (open == end || *open != '[')
		return text;
	caller = skip_blanks(open + 1, end);
	close = skip_caller(caller, end);
	if (close) {
		message->caller = caller;
		message->caller_len = close - caller;
		close = skip_blanks(close, end);
		if (close < end && *close == ']')
			return close + 1;
	}

	message->caller_len = 0;
	if (open > text)
		return text;
	close = memchr(open, ']', end - open < STAMP_LEN ? end - open :
							   STAMP_LEN);
	if (!close || close < caller)
		return text;
	message->caller = caller;
	message->caller_len = close - caller;
	return close + 1;
}

/*
 * Read the prefix that text begins with into time and caller.  Returns where
 * the message begins, or NULL if there is no prefix.
 */
static const char *read_stamp(struct splat_message *message, const char *text,
			      const char *end)
{
	const char *c = skip_blanks(text + 1, end);
	unsigned long long seconds, part;
	const char *digits;

	if (*text != '[' || !read_number(&seconds, &c, end))
		return NULL;
	digits = c + 1;
	if (c == end || *c++ != '.' || !read_number(&part, &c, end) ||
	    c - digits != 6)
		return NULL;
	c = skip_blanks(c, end);
	if (c == end || *c++ != ']')
		return NULL;

	message->time = seconds * 1000000 + part;
	c = read_caller(message, c, end);
	return c < end && *c == ' ' ? c + 1 : c;
}

/* The next prefix in text; NULL if there is none. */
static const char *find_stamp(const char *text, const char *end)
{
	struct splat_message ignored;

	while (text < end) {
		text = memchr(text, '[', end - text);
		if (!text)
			return NULL;
		if (read_stamp(&ignored, text, end))
			return text;
		text++;
	}
	return NULL;
}

/* The length of what text begins with and a terminal acts on, such as a colour. */
static size_t colour_len(const char *text, const char *end)
{
	const char *c = text + 2;

	if (end - text <= 2 || text[0] != '\033' || text[1] != '[')
		return 0;
	while (c < end && !isalpha((unsigned char)*c))
		c++;
	return c + (c < end) - text;
}

/* Make the message one without colours, in room for a line. */
static void skip_colours(struct splat_message *message, char room[SPLAT_LINE])
{
	const char *end = message->text + message->len;
	const char *c = message->text;
	size_t len = 0;

	if (!memchr(c, '\033', message->len) || message->len > SPLAT_LINE)
		return;
	while (c < end)
		if (colour_len(c, end))
			c += colour_len(c, end);
		else
			room[len++] = *c++;
	message->text = room;
	message->len = len;
}

/* The level, <4>, is no part of the text. */
static void skip_level(struct splat_message *message)
{
	const char *text = message->text;

	if (message->len > 2 && text[0] == '<' &&
	    isdigit((unsigned char)text[1]) && text[2] == '>') {
		message->text += 3;
		message->len -= 3;
	}
}

/* FNV-1a */
static unsigned long long hash(const char *text, size_t len)
{
	unsigned long long sum = 0xcbf29ce484222325;

	while (len--)
		sum = (sum ^ (unsigned char)*text++) * 0x100000001b3;
	return sum;
}

/* Can the kernel not have come so far yet?  Its clock may run a little fast. */
static bool is_ahead(struct splat_console *console, unsigned long long time)
{
	unsigned long long drift, lead, now = console->clock + console->fast;

	if (!console->clock)
		return false;
	drift = (console->clock - console->checked) / CLOCK_DRIFT;
	lead = time > now ? time - now : 0;
	if (lead > drift + CLOCK_GRACE)
		return true;
	console->fast += lead < drift ? lead : drift;
	console->checked = console->clock;
	return false;
}

void splat_console_saw(struct splat_console *console, unsigned long long time)
{
	if (console->clock && time > console->clock + console->fast)
		console->fast = time - console->clock;
}

/* Is it what the kernel says now, or out of a log that somebody prints? */
static bool is_own(struct splat_console *console,
		   const struct splat_message *message)
{
	unsigned long long time = message->time;
	unsigned long long sum = hash(message->text, message->len);
	bool own;

	if (time > console->last)
		own = !is_ahead(console, time);
	else if (console->in_log) /* which may go on until now */
		own = time == console->last && sum != console->last_hash;
	else
		own = console->last - time <= JITTER;

	console->in_log = !own;
	if (own && time >= console->last) {
		console->last = time;
		console->last_hash = sum;
	}
	return own;
}

static void take_message(struct splat_console *console,
			 struct splat_message *message, const char *end,
			 splat_take_fn *take, void *context)
{
	static const char banner[] = "Linux version ";
	bool timed = message->time != SPLAT_NO_TIME;
	struct splat_message plain = *message;
	char room[SPLAT_LINE];

	if (!timed && console->has_times)
		return;
	plain.len = end - plain.text;
	skip_colours(&plain, room);
	if (!timed)
		skip_level(&plain);
	else if (!is_own(console, &plain))
		return;

	if (!console->has_banner && plain.len > strlen(banner) &&
	    !memcmp(plain.text, banner, strlen(banner))) {
		console->has_banner = true;
		console->has_times = timed;
	}
	take(context, &plain);
}

/* A prefix in the middle follows what somebody else left unfinished. */
static void take_line(struct splat_console *console, const char *line,
		      size_t len, splat_take_fn *take, void *context)
{
	struct splat_message message = {
		.source = SPLAT_CONSOLE,
		.time = SPLAT_NO_TIME,
		.caller = "",
		.text = line,
	};
	const char *end = line + len;
	const char *stamp;

	for (;;) {
		stamp = find_stamp(message.text, end);
		if (message.text < (stamp ? stamp : end))
			take_message(console, &message, stamp ? stamp : end,
				     take, context);
		else if (message.time != SPLAT_NO_TIME)
			take_message(console, &message, message.text, take,
				     context);
		if (!stamp)
			return;
		message.text = read_stamp(&message, stamp, end);
	}
}

/*
 * The line is too long.  What may begin a prefix in its last part is kept, for
 * that of a kernel's line may be in it.
 */
static void take_full(struct splat_console *console, splat_take_fn *take,
		      void *context)
{
	const char *end = console->line + console->len;
	const char *cut = NULL;
	const char *stamp;

	for (stamp = find_stamp(console->line + 1, end); stamp;
	     stamp = find_stamp(stamp + 1, end))
		cut = stamp;
	if (!cut)
		cut = memrchr(console->line, '[', console->len);
	if (!cut || cut == console->line ||
	    (end - cut > STAMP_LEN && !find_stamp(cut, end)))
		cut = end;
	take_line(console, console->line, cut - console->line, take, context);
	console->len = end - cut;
	memmove(console->line, cut, console->len);
}

static void add(struct splat_console *console, const char *bytes, size_t len,
		splat_take_fn *take, void *context)
{
	size_t part;

	while (len) {
		part = sizeof(console->line) - console->len;
		if (part > len)
			part = len;
		memcpy(console->line + console->len, bytes, part);
		console->len += part;
		bytes += part;
		len -= part;
		if (console->len == sizeof(console->line))
			take_full(console, take, context);
	}
}

void splat_console_feed(struct splat_console *console, const char *bytes,
			size_t len, splat_take_fn *take, void *context)
{
	const char *newline, *reset;
	size_t n;

	while (len) {
		newline = memchr(bytes, '\n', len);
		n = newline ? (size_t)(newline - bytes) : len;
		reset = memchr(bytes, '\r', n);
		if (reset)
			n = reset - bytes;

		if (n == len) {
			add(console, bytes, n, take, context);
			return;
		}
		if (console->len || n >= sizeof(console->line)) {
			add(console, bytes, n, take, context);
			splat_console_flush(console, take, context);
		} else if (n) {
			take_line(console, bytes, n, take, context);
		}
		bytes += n + 1;
		len -= n + 1;
	}
}

bool splat_console_flush(struct splat_console *console, splat_take_fn *take,
			 void *context)
{
	size_t len = console->len;

	console->len = 0;
	if (len)
		take_line(console, console->line, len, take, context);
	return len;
}

static int hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : (c | ' ') - 'a' + 10;
}

/* In a record's text unprintable bytes are escaped, as \x0a. */
static size_t unescape(char *to, const char *text, const char *end)
{
	char *start = to;

	while (text < end) {
		if (end - text >= 4 && text[0] == '\\' && text[1] == 'x' &&
		    isxdigit((unsigned char)text[2]) &&
		    isxdigit((unsigned char)text[3])) {
			*to++ = hex(text[2]) << 4 | hex(text[3]);
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	return to - start;
}

/* The head of a record: priority, number, time, flags and what else. */
static bool read_head(struct splat_message *message, const char *head,
		      const char *end)
{
	unsigned long long priority, number;
	const char *c = head;

	if (!read_number(&priority, &c, end) || c == end || *c++ != ',' ||
	    !read_number(&number, &c, end) || c == end || *c++ != ',' ||
	    !read_number(&message->time, &c, end) || c == end || *c != ',')
		return false;
	/* The facility: only the kernel's own is 0. */
	message->source = priority >> 3 ? SPLAT_USER : SPLAT_KMSG;

	message->caller = memmem(c, end - c, ",caller=", 8);
	if (message->caller) {
		message->caller += 8;
		c = memchr(message->caller, ',', end - message->caller);
		message->caller_len = (c ? c : end) - message->caller;
	} else {
		message->caller = "";
		message->caller_len = 0;
	}
	return true;
}

void splat_kmsg_feed(const char *record, size_t len, splat_take_fn *take,
		     void *context)
{
	const char *end, *semicolon, *text_end, *newline;
	struct splat_message message = {};
	char text[RECORD_LEN];

	if (len > sizeof(text))
		len = sizeof(text);
	end = record + len;
	semicolon = memchr(record, ';', len);
	if (!semicolon || !read_head(&message, record, semicolon))
		return;
	text_end = memchr(semicolon, '\n', end - semicolon);
	end = text + unescape(text, semicolon + 1, text_end ? text_end : end);

	for (message.text = text;; message.text = newline + 1) {
		newline = memchr(message.text, '\n', end - message.text);
		message.len = (newline ? newline : end) - message.text;
		take(context, &message);
		if (!newline)
			return;
	}
}
