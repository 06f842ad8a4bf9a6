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

#include "vm/qemu/accel.h"
#include "vm/run/launch.h"
#include "vm/run/place.h"

struct supervise_spec {
	struct launch_spec launch;
	const struct accel *accel;
	const struct accel_spec *accel_spec;
	char *const *command; /* for the guest; NULL: its console is for us */
	const char *at_end; /* a line for the guest when the command has ended; or NULL */
	int timeout; /* for all, in seconds; 0: none */
	bool verbose; /* show the console beside a command */
	int ready; /* is written to when the machine is up; -1: nobody waits */
	struct place *place; /* is left at the end */
	bool spare; /* a machine that waits will do */
	int signals; /* a signalfd */
};

/*
 * Returns the exit status; what went wrong has been said.  *sig is the signal that
 * asked us to stop, if any.
 */
int supervise(const struct supervise_spec *spec, int *sig);

#endif
