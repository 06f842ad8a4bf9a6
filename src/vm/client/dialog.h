/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dialog - requests to a running machine, one after the other
 *
 * Each is a call of its own.  Data are read from and written to descriptors;
 * dialog_file() makes one of a file in memory.
 */
#ifndef VM_DIALOG_H
#define VM_DIALOG_H

#include <stddef.h>

#include "lib/types.h"
#include "vm/client/call.h"

struct dialog {
	struct client_options options; /* the time limit is for each request */
	char why[256]; /* why the last request failed, in words */
};

/* Returns a descriptor of a new file in memory, or -errno. */
int dialog_file(void);

/*
 * Send a request with `size` bytes of data.  Its input is read from `in`, from the
 * beginning, and its output written to `out`; -1: none.  Returns 0 or -errno: -EINTR
 * after a signal that asks us to stop, -ETIMEDOUT, or the guest's error.
 */
int dialog_ask(struct dialog *dialog, u16 type, const void *data, size_t size,
	       int in, int out);

/* The same with a number and a text as data. */
int dialog_ask_number(struct dialog *dialog, u16 type, u32 number,
		      const char *text, int in);

/* Run the script in the guest's shell; its output goes to `out`. */
int dialog_run(struct dialog *dialog, const char *script, int out);

/* Copy a file of the guest to a file in memory; a descriptor or -errno. */
int dialog_get_file(struct dialog *dialog, const char *path);

/* Read a file of the guest; the caller frees the text.  Returns 0 or -errno. */
int dialog_get(char **ret, struct dialog *dialog, const char *path);

/* Read the whole file of a descriptor; the caller frees the text.  0 or -errno. */
int dialog_text(char **ret, int fd);

#endif
