/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console - what the machine says on its first serial port
 *
 * All of it goes to a file, up to a limit: of what is longer the file holds the
 * beginning and the end, and a line between them that says so.  Who listens
 * gets it as it comes.  QEMU reads what is typed: Ctrl-A X and the like are its.
 */
#ifndef VM_CONSOLE_H
#define VM_CONSOLE_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/loop.h"
#include "lib/queue.h"

#define CONSOLE_FIRST (8 * 1024 * 1024) /* what the file holds at least */
#define CONSOLE_LAST (256 * 1024) /* what it has of the end */

struct console_ear {
	void (*hear)(struct console_ear *ear, const char *bytes, size_t count);
	/* QEMU has read all that was typed.  May be NULL. */
	void (*keys_read)(struct console_ear *ear);

	struct list_node node; /* in console->ears */
};

struct console {
	struct loop *loop;
	struct loop_fd fd; /* what it says */
	struct loop_timer pause; /* between two reads */
	bool is_held; /* nothing is read, as nobody can take it */
	bool has_ended;
	struct loop_fd keyboard;
	struct queue keys; /* not read by QEMU yet */
	struct list ears;
	int log; /* the file; -1 if it cannot be written */
	int log_err; /* why not */
	unsigned long long count; /* of all that was said */
	unsigned long long logged;
	char *last; /* the last CONSOLE_LAST bytes, as a ring */
	size_t at; /* where in the ring the next byte goes */
};

/* Begin; both descriptors then belong to console.  Returns 0 or -errno. */
int console_open(struct console *console, struct loop *loop, int fd,
		 int keyboard);

/* Write to this file, which may fail: log_err.  Call it before the loop. */
void console_log(struct console *console, const char *path);

/* Ends the file with what is due. */
void console_close(struct console *console);

void console_listen(struct console *console, struct console_ear *ear);
void console_unlisten(struct console *console, struct console_ear *ear);

/* Type these; returns false if QEMU has to read first. */
bool console_type(struct console *console, const char *keys, size_t count);

/* Let the machine wait until there is room for what it says, or go on. */
void console_hold(struct console *console, bool hold);

/* Read what has come until nothing is left: QEMU has ended. */
void console_drain(struct console *console);

/* Print the last lines, at most so many, without what a terminal acts on. */
void console_print_last(const struct console *console, int lines, FILE *out);

#endif
