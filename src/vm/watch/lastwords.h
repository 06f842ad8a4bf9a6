/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lastwords - lines of the kernel's that tell what comes next
 *
 * They are looked for anywhere in a line of the kernel's, which a user can print,
 * too: they are reasons to look, not proofs.  Those of an older log are none.
 */
#ifndef VM_LASTWORDS_H
#define VM_LASTWORDS_H

#include "vm/qemu/console.h"
#include "vm/watch/source.h"

enum lastwords_kind {
	LASTWORDS_RESTART, /* it shut down and resets the machine */
	LASTWORDS_HALT, /* it shut down and stops all processors */
	LASTWORDS_PANIC,
	LASTWORDS_SLEEP, /* it suspends devices, the agent's port, too */
};

struct lastwords {
	void (*seen)(struct lastwords *lastwords, enum lastwords_kind kind);

	struct console_ear ear;
	struct splat_console lines;
};

/* Listen, with the callback set. */
void lastwords_open(struct lastwords *lastwords, struct console *console);

#endif
