/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * job - the processes behind the streams
 *
 * Work that may hang or crash in the kernel is done in a process of its own: the
 * command of a RUN, and each PUT, GET, LOAD and UNLOAD.
 */
#ifndef GUEST_JOB_H
#define GUEST_JOB_H

#include "guest/stream.h"

/*
 * Start the process for a frame with this data.  Returns 0, or -errno with the words
 * for stream_fail() in *what.
 */
int job_start(struct stream *stream, const char *data, u32 size,
	      const char **what);

/* Set the size of the terminal, if it has one. */
void job_resize(const struct stream *stream, u16 rows, u16 columns);

#endif
