/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * control - the socket where commands ask about and of a running machine
 *
 * Clients speak frames.  What they ask the agent goes on to it under other
 * numbers; STATUS, STOP, CONSOLE, DUMP and MONITOR are answered here.
 */
#ifndef VM_CONTROL_H
#define VM_CONTROL_H

#include "agent.h"
#include "console.h"

struct client;

struct control {
	/* The text for STATUS, the caller's to free; NULL without memory. */
	char *(*status)(struct control *control);
	/* The machine shall end, and be killed after so many milliseconds. */
	void (*stop)(struct control *control, u32 ms);
	/*
	 * The machine's memory shall be written to path, which may be empty.
	 * Returns 0, and control_dumped() follows, or -errno.
	 */
	int (*dump)(struct control *control, const char *path);
	/*
	 * QEMU's monitor shall do this.  Returns 0, and control_monitored()
	 * follows, or -errno.
	 */
	int (*monitor)(struct control *control, const char *command);

	struct loop *loop;
	struct loop_fd listener;
	struct agent *agent;
	struct console *console;
	struct client *clients;
	int count;
};

/* Begin, with the callbacks set. */
void control_init(struct control *control, struct loop *loop,
		  struct agent *agent, struct console *console);

/*
 * Listen on the socket `control` in the folder dir, which only its owner may
 * connect to; an old one is replaced.  Returns 0 or -errno.
 */
int control_listen(struct control *control, const char *dir);

/* Remove the socket: nobody can connect any more. */
void control_unlink(const char *dir);

/* What dump was asked for is there, or not: 0 or -errno. */
void control_dumped(struct control *control, int err);

/* What the monitor says to that; NULL: QEMU could not be asked. */
void control_monitored(struct control *control, const char *text);

/* Serve this connected socket, too.  Returns 0 or -errno. */
int control_add(struct control *control, int fd);

/* The machine has ended: say so to those who wait for it, and to all. */
void control_close(struct control *control);

/* Connect to the machine that runs in dir: a descriptor or -errno. */
int control_connect(const char *dir);

#endif
