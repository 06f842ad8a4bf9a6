/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * qmp - a client of the QEMU Machine Protocol
 *
 * Each message is JSON on a line.  QEMU is not trusted more than the guest: a
 * line that is too long or no JSON is skipped.
 */
#ifndef VM_QMP_H
#define VM_QMP_H

#include <jansson.h>

#include "lib/loop.h"
#include "lib/queue.h"

/* No line that we ask for comes near this. */
#define QMP_LINE_MAX 65536

struct qmp {
	/* An event has come; data is a JSON object or NULL. */
	void (*event)(struct qmp *qmp, const char *name, json_t *data);
	/* The answer to a command: `ret` or, if it failed, NULL and why. */
	void (*answer)(struct qmp *qmp, int id, json_t *ret, const char *why);

	struct loop *loop;
	struct loop_fd fd;
	struct queue in;
	struct queue out;
	bool is_skipping; /* the rest of a line that is too long */
};

/* Begin, with the callbacks set; fd then belongs to qmp. */
int qmp_open(struct qmp *qmp, struct loop *loop, int fd);
void qmp_close(struct qmp *qmp);

/*
 * Send a command; arguments, which may be NULL, are taken over.  The answer
 * comes back with id, a number from 1 on.
 */
int qmp_command(struct qmp *qmp, int id, const char *name, json_t *arguments);

/*
 * Give QEMU a copy of a descriptor, which commands then know by this name.  The
 * answer comes back with id.  Returns 0 or -errno.
 */
int qmp_give(struct qmp *qmp, int id, const char *name, int fd);

/* Take what QEMU says, in any pieces, as if it came from the socket. */
void qmp_feed(struct qmp *qmp, const char *bytes, size_t count);

/* Read what has come until nothing is left: QEMU has ended. */
void qmp_drain(struct qmp *qmp);

#endif
