/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * notes - what the files of a step were when it ran
 *
 * A note is a line NAME:SIZE:DATE for each file that a step was given or made, and
 * for each in a folder that was.  A NAME alone is a product that was to be made.
 */
#ifndef STEP_NOTES_H
#define STEP_NOTES_H

#include <stdbool.h>

/*
 * Note what the files are now that words name, separated by blanks; * stands for what
 * it does in a shell.  Returns 0 or -errno, and then *missing may be the name of a
 * file that could not be read, the caller's to free.
 */
int notes_write(const char *path, const char *words, char **missing);

/* Add the names of products that are to be made.  Returns 0 or -errno. */
int notes_announce(const char *path, const char *words);

/* Set *ret if all files are what they were.  Returns 0, also without notes, or -errno. */
int notes_hold(bool *ret, const char *path);

/*
 * Remove the noted files that are not what they were, or that words do not name any
 * more.  Only those below the folder top: the notes may be copied from another lab, and
 * name its files.  Returns 0 or -errno.
 */
int notes_clean(const char *path, const char *words, const char *top);

#endif
