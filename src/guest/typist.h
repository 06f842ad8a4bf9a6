/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * typist - types at the console what was piped into the run
 *
 * A terminal loses what is typed before anybody reads, when its buffer is full or when
 * a login clears it.  So each line waits until a process sleeps in a read of the
 * console.  The typist is a process of its own, which ends afterwards.
 */
#ifndef GUEST_TYPIST_H
#define GUEST_TYPIST_H

/*
 * Type what comes on standard input, with a newline behind a last line that has none.
 * Then type Ctrl-D whenever the console is read, until the leader of the reader's
 * session has ended; the first process never gets it.  Returns 0 when all that was
 * written to the console has left it, or -errno with the words for it in *what.
 */
int typist_run(const char **what);

#endif
