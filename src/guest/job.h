/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * job - the processes behind the streams
 *
 * What may wait for ever, or crash in the kernel, is done in a process of its
 * own: the command of a RUN, and each PUT, GET, LOAD and UNLOAD, too.
 */
#ifndef GUEST_JOB_H
#define GUEST_JOB_H

#include "stream.h"

/*
 * Start what the frame with this data asks for.  Returns 0, or -errno and in
 * *what the words for stream_fail().
 */
int job_start(struct stream *stream, const char *data, u32 size,
	      const char **what);

/* Set the size of the terminal, if it has one. */
void job_resize(const struct stream *stream, u16 rows, u16 columns);

#endif
