/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * service - answers the clients of the control socket for one machine
 *
 * struct service belongs to the caller, and so does all that it points to.
 * service_close() may be called though service_open() failed or was not called.
 */
#ifndef VM_SERVICE_H
#define VM_SERVICE_H

#include "vm/link/control.h"
#include "vm/qemu/machine.h"
#include "vm/run/complaints.h"
#include "vm/run/dump.h"

struct service {
	/* A client wants the machine to end within ms. */
	void (*stop)(struct service *service, u32 ms);

	struct control control;
	struct machine *machine;
	struct agent *agent;
	struct console *console;
	struct complaints *complaints;
	struct dump *dump;
	const char *accel;
	long long began; /* as clock_ms() */
	long long up_ms; /* from then to the agent's first word; -1: not yet */
};

/*
 * Listen in the folder dir, with the callback and the pointers set.  Returns 0 or
 * -errno, with a sentence in *why.
 */
int service_open(struct service *service, struct loop *loop, const char *dir,
		 char **why);
void service_close(struct service *service);

#endif
