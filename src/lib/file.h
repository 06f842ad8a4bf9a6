/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * file - whole small files, read and written at once
 */
#ifndef LIB_FILE_H
#define LIB_FILE_H

/*
 * Read all of the file at path, which may be one of /proc.  The text ends with
 * a NUL and is the caller's to free.  Returns 0 or -errno.
 */
int file_read(char **ret, const char *path);

/*
 * Make text the content of the file at path, so that a reader sees the old
 * text or the new one, never a part.  Returns 0 or -errno.
 */
int file_write(const char *path, const char *text);

#endif
