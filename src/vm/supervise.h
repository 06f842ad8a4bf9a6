/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * supervise - one machine from its start to its end
 *
 * All that the machine says and does is watched in one loop: QEMU, its console,
 * the agent, the kernel's complaints, the clients of the control socket, the user's
 * terminal and the limits of time.
 */
#ifndef VM_SUPERVISE_H
#define VM_SUPERVISE_H

#include <signal.h>

#include "accel.h"
#include "lab.h"

struct supervise_spec {
	const struct lab *lab;
	const struct accel *accel;
	const struct accel_spec *accel_spec;
	char *const *command; /* for the guest; NULL: its console is for us */
	int timeout; /* for all, in seconds; 0: none */
	bool boot; /* though there may be a saved machine */
	bool renew; /* forget what was saved before */
	bool save; /* nothing but save the machine, for later runs */
	bool verbose; /* show the console beside a command */
	const char *append; /* further arguments for the kernel; or NULL */
	bool gdb; /* wait for it before the first instruction */
	int ready; /* is written to when the machine is up; -1: nobody waits */
	int lock; /* of the lab; becomes ours, and is given back */
	int signals; /* a signalfd */
	const sigset_t *mask; /* for QEMU */
};

/*
 * Returns the exit status; what went wrong has been said.  *sig is the signal that
 * asked us to stop, if any.
 */
int supervise(const struct supervise_spec *spec, int *sig);

#endif
