/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dialog - questions to a running machine, one after the other
 *
 * Each is a call of its own.  Data come from descriptors and go to such, which a
 * file in memory is for.
 */
#ifndef VM_DIALOG_H
#define VM_DIALOG_H

#include <stddef.h>

#include "types.h"

struct dialog {
	const char *dir; /* the output directory */
	int timeout; /* in seconds, for each question; 0: none */
	char why[256]; /* why the last one failed, in words */
};

/* A file in memory, or -errno. */
int dialog_file(void);

/*
 * Ask with `size` bytes of data, reading from `in` and writing to `out`, which
 * begin at the start; -1: none.  Returns 0 or -errno: -EINTR when a signal shall
 * end us, -ETIMEDOUT, or what the guest says.
 */
int dialog_ask(struct dialog *dialog, u16 type, const void *data, size_t size,
	       int in, int out);

/* The same with a number before a text. */
int dialog_ask_number(struct dialog *dialog, u16 type, u32 number,
		      const char *text, int in);

/* Have a shell run the script with an argument; its output goes to `out`. */
int dialog_run(struct dialog *dialog, const char *script, int out);

/* What a file in the guest holds, in memory: a descriptor or -errno. */
int dialog_get_file(struct dialog *dialog, const char *path);

/* The same as a text, the caller's to free.  Returns 0 or -errno. */
int dialog_get(char **ret, struct dialog *dialog, const char *path);

/* All that a descriptor's file holds, as a text.  Returns 0 or -errno. */
int dialog_text(char **ret, int fd);

#endif
