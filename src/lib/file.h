/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * file - reads and writes small files as a whole
 */
#ifndef LIB_FILE_H
#define LIB_FILE_H

#include <stddef.h>

/*
 * Read the whole file at path, which may be in /proc.  The text ends with a NUL;
 * the caller frees it.  Returns 0 or -errno.
 */
int file_read(char **ret, const char *path);

/* The same for what may hold a NUL: *count is how many bytes there are before the last one. */
int file_read_bytes(char **ret, size_t *count, const char *path);

/*
 * Replace the content of the file at path.  A reader sees the old text or the
 * new one, never a part of it.  Returns 0 or -errno.
 */
int file_write(const char *path, const char *text);

#endif
