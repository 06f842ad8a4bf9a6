// SPDX-License-Identifier: GPL-2.0-only
#include "lib/macros.h"
#include "vm/watch/lastwords.h"

static const struct {
	const char *words;
	enum lastwords_kind kind;
} words[] = {
	{ "reboot: Restarting system", LASTWORDS_RESTART },
	{ "reboot: machine restart", LASTWORDS_RESTART },
	{ "reboot: Power down", LASTWORDS_HALT },
	{ "reboot: System halted", LASTWORDS_HALT },
	{ "reboot: Power off not available", LASTWORDS_HALT },
	{ "Kernel panic - not syncing", LASTWORDS_PANIC },
	{ "PM: suspend entry (", LASTWORDS_SLEEP },
};

static void lastwords_take(void *context, const struct splat_message *message)
{
	struct lastwords *lastwords = context;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (splat_message_has(message, words[i].words))
			lastwords->seen(lastwords, words[i].kind);
}

static void lastwords_hear(struct console_ear *ear, const char *bytes,
			   size_t count)
{
	struct lastwords *lastwords = container_of(ear, struct lastwords, ear);

	splat_console_feed(&lastwords->lines, bytes, count, lastwords_take,
			   lastwords);
}

void lastwords_open(struct lastwords *lastwords, struct console *console)
{
	lastwords->ear.hear = lastwords_hear;
	console_listen(console, &lastwords->ear);
}
