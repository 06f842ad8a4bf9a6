/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * program - what the programs of bpf/ have in common: to load, to attach, to go on
 *
 * NAME.skel.h, made by bpftool of NAME.bpf.c, has the programs and maps by name:
 *
 *	struct NAME *all = NAME__open();
 *
 *	if (program_start("NAME", all ? all->skeleton : NULL) < 0)
 *		return 1;
 *	program_wait(0);
 *
 * A ring buffer whose definition has a __type(value, struct ...) is printed by that
 * type.
 */
#ifndef BPF_PROGRAM_H
#define BPF_PROGRAM_H

#include <bpf/libbpf.h>

/*
 * Load the programs of an object that was opened, and attach those that say where.
 * SIGINT, SIGTERM and SIGHUP are blocked from then on, for program_wait().  Returns 0,
 * or -errno after printing what is wrong; NULL: it could not be opened.
 */
int program_start(const char *name, struct bpf_object_skeleton *skeleton);

/*
 * Tell who started us that all is attached: a byte for the descriptor that KILN_READY
 * names.  program_start() does so, unless it is to be done later: with `hold`.
 */
void program_hold(void);
void program_ready(void);

/*
 * Print what comes in the ring buffers, until a signal asks to end or this number of
 * seconds passed; 0: no limit.  Returns 0, or -errno after printing why.
 */
int program_wait(int seconds);

#endif
