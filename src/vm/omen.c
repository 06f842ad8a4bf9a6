// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "macros.h"
#include "omen.h"

static const struct {
	const char *words;
	enum omen omen;
} words[] = {
	{ "reboot: Restarting system", OMEN_RESTART },
	{ "reboot: machine restart", OMEN_RESTART },
	{ "reboot: Power down", OMEN_HALT },
	{ "reboot: System halted", OMEN_HALT },
	{ "reboot: Power off not available", OMEN_HALT },
	{ "Kernel panic - not syncing", OMEN_PANIC },
};

static void take_line(struct omens *omens)
{
	size_t i;

	omens->line[omens->count] = '\0';
	omens->count = 0;
	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (strstr(omens->line, words[i].words))
			omens->seen(omens, words[i].omen);
}

static void hear(struct console_ear *ear, const char *bytes, size_t count)
{
	struct omens *omens = container_of(ear, struct omens, ear);
	const char *end;
	size_t len, n;

	for (; count; bytes += len, count -= len) {
		end = memchr(bytes, '\n', count);
		len = end ? (size_t)(end - bytes) : count;
		n = sizeof(omens->line) - 1 - omens->count;
		if (n > len)
			n = len;
		memcpy(omens->line + omens->count, bytes, n);
		omens->count += n;
		if (end) {
			take_line(omens);
			len++;
		}
	}
}

void omens_open(struct omens *omens, struct console *console)
{
	omens->ear.hear = hear;
	console_listen(console, &omens->ear);
}
