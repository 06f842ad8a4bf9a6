/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * control - the socket over which commands control a running machine
 *
 * Clients speak frames.  Requests to the agent are relayed under other stream
 * numbers; STATUS, STOP, CONSOLE, DUMP and MONITOR are answered here.
 */
#ifndef VM_CONTROL_H
#define VM_CONTROL_H

#include "vm/link/agent.h"
#include "vm/qemu/console.h"

struct control {
	/* The text for STATUS, which is freed here; NULL without memory. */
	char *(*status)(struct control *control);
	/* End the machine; kill it after so many milliseconds. */
	void (*stop)(struct control *control, u32 ms);
	/*
	 * Write the machine's memory to path, which may be empty.  Returns 0, and
	 * control_dumped() follows, or -errno.
	 */
	int (*dump)(struct control *control, const char *path);
	/*
	 * Pass the command to QEMU's monitor.  Returns 0, and
	 * control_monitored() follows, or -errno; -EBUSY if it is at another
	 * one, and then it is passed again when that has been answered.
	 */
	int (*monitor)(struct control *control, const char *command);

	struct loop *loop;
	struct loop_fd listener;
	struct agent *agent;
	struct console *console;
	struct list clients;
	int count;
};

/* Start, with the callbacks set. */
void control_init(struct control *control, struct loop *loop,
		  struct agent *agent, struct console *console);

/*
 * Listen on the socket `control` in the folder dir, to which only its owner may
 * connect.  An old socket is replaced.  Returns 0 or -errno.
 */
int control_listen(struct control *control, const char *dir);

/* Remove the socket, so that nobody can connect any more. */
void control_unlink(const char *dir);

/* The dump has been written, or has failed: 0 or -errno. */
void control_dumped(struct control *control, int err);

/* The monitor's answer; NULL: QEMU rejected the command. */
void control_monitored(struct control *control, const char *text);

/* Serve a client on this connected socket.  Returns 0 or -errno. */
int control_add(struct control *control, int fd);

/* The machine has ended: tell the clients that wait for it, and close all. */
void control_close(struct control *control);

/* Connect to the machine that runs in dir: a descriptor or -errno. */
int control_connect(const char *dir);

#endif
