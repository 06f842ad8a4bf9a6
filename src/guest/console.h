/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console - the terminal behind /dev/console, and who reads it
 */
#ifndef GUEST_CONSOLE_H
#define GUEST_CONSOLE_H

#include <stdbool.h>
#include <sys/types.h>

#include "guest/text.h"

struct console {
	int proc; /* a descriptor of /proc */
	unsigned int tty; /* the terminal's number, as console_number() has it */
};

/* Append the name that it has in /dev; nothing if there is none. */
void console_find(struct text *name);

/* The number of a device, as /proc/PID/stat has it. */
unsigned int console_number(dev_t device);

/*
 * A process that sleeps until something is typed: in read(), poll(), select() or their
 * like, and not in the background.  The last one that was found is looked at first, for
 * all of /proc takes some 10 ms under TCG.  Returns its number; 0: there is none.
 */
int console_reader(const struct console *console, int last);

/* The leader of the process's session; the process itself if no shell leads that. */
int console_leader(const struct console *console, int pid);

/* Has this process not ended? */
bool console_is_alive(const struct console *console, int pid);

#endif
