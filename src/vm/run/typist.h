/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * typist - has standard input, which is no terminal, typed at the machine's console
 *
 * The agent does it: a line whenever a program reads the console, then Ctrl-D.  struct
 * typist belongs to the caller.
 */
#ifndef VM_TYPIST_H
#define VM_TYPIST_H

#include "vm/link/ask.h"
#include "vm/link/control.h"

struct typist {
	/*
	 * All was typed, and whoever read it has ended; or nothing can be typed, and why
	 * says the reason, which the caller frees.  Not called if the agent is lost, as
	 * it is when the guest shuts down by itself.
	 */
	void (*ended)(struct typist *typist, char *why);

	struct ask ask;
};

/* Begin, with the callback set.  Returns 0 or -errno. */
int typist_start(struct typist *typist, struct loop *loop,
		 struct control *control);

/* Frees all; may be called though it was not started. */
void typist_fini(struct typist *typist);

#endif
