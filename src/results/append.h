/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * append - adds a line to a file that others add to at the same time
 */
#ifndef RESULTS_APPEND_H
#define RESULTS_APPEND_H

/*
 * Add the text and a newline, which the text has not.  A writer that is killed loses its own
 * line at most: the next one begins behind what is left of it.  A full disk leaves the file
 * as it was.  Folders are made.  Returns 0 or -errno.
 */
int append_line(const char *path, const char *text);

#endif
