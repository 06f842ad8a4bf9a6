/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * omen - lines of the kernel's that tell what comes next
 *
 * They are looked for anywhere in a line, so a user can print them, too: they
 * are reasons to look, not proofs.
 */
#ifndef VM_OMEN_H
#define VM_OMEN_H

#include "console.h"

enum omen {
	OMEN_RESTART, /* it shut down and resets the machine */
	OMEN_HALT, /* it shut down and stops all processors */
	OMEN_PANIC,
};

struct omens {
	void (*seen)(struct omens *omens, enum omen omen);

	struct console_ear ear;
	char line[256]; /* the beginning of the one that is coming */
	size_t count;
};

/* Listen, with the callback set. */
void omens_open(struct omens *omens, struct console *console);

#endif
