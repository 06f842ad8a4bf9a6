/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * count - how much of its work a Kbuild has done, from what it prints
 *
 * A unit of work is a line in which Kbuild says what it makes.  It has three
 * forms, and a build has as many units in one as in another, but for a few in
 * a hundred:
 *
 *	  CC [M]  fs/foo.o		in short
 *	# CC [M]  fs/foo.o		with V=1; the command is the next line
 *	  gcc -c -o fs/foo.o ...	with V=1 in old Kbuilds: that of busybox,
 *					and of what the kernel keeps in tools/
 */
#ifndef STEP_COUNT_H
#define STEP_COUNT_H

#include <stddef.h>

/* Begin with all of it zero. */
struct count {
	unsigned long units;
	char action[128]; /* the latest one, as "CC [M] fs/foo.o"; printable */

	unsigned long announced; /* commands which still follow their '#' line */
	char line[4096]; /* the beginning of one whose end is still to come */
	size_t kept;
};

/* Go on with the next bytes of the output; they may end anywhere. */
void count_bytes(struct count *count, const char *bytes, size_t size);

#endif
