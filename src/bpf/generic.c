// SPDX-License-Identifier: GPL-2.0-only
/*
 * generic - the program for a NAME.bpf.c without a NAME.c: attaches all that is in it
 * and prints its ring buffers
 *
 * SKELETON is NAME.skel.h, OBJECT is NAME.
 */
#include "bpf/program.h"
#include SKELETON

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_(text) #text
#define TEXT(text) TEXT_(text)

int main(void)
{
	struct OBJECT *all = JOIN(OBJECT, __open)();

	if (program_start(TEXT(OBJECT), all ? all->skeleton : NULL) < 0)
		return 1;
	return program_wait(0) < 0;
}
