/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * supervisor - all that watches one machine, for supervise.c and react.c
 */
#ifndef VM_SUPERVISOR_H
#define VM_SUPERVISOR_H

#include "vm/qemu/machine.h"
#include "vm/qemu/saved.h"
#include "vm/run/brief.h"
#include "vm/run/cleaner.h"
#include "vm/run/command.h"
#include "vm/run/complaints.h"
#include "vm/run/crash.h"
#include "vm/run/launch.h"
#include "vm/run/limits.h"
#include "vm/run/parting.h"
#include "vm/run/power.h"
#include "vm/run/result.h"
#include "vm/run/service.h"
#include "vm/run/spares.h"
#include "vm/run/supervise.h"
#include "vm/run/typist.h"
#include "vm/run/user.h"
#include "vm/run/verdict.h"
#include "vm/term.h"
#include "vm/watch/lastwords.h"

struct supervisor {
	const struct supervise_spec *spec;
	struct loop loop;
	struct loop_fd signals;
	struct launch launch;
	struct machine machine;
	struct saved saved;
	struct spare spare; /* that this machine was; or none */
	struct console console;
	struct user user;
	struct agent agent;
	struct service service;
	struct brief brief;
	struct command command;
	struct parting parting;
	struct typist typist;
	struct complaints complaints;
	struct lastwords lastwords;
	struct limits limits;
	struct power power;
	struct crash crash;
	struct term term;
	struct cleaner cleaner;
	struct verdict verdict;
	struct result result;
	long long began; /* as clock_ms() */
	bool is_ready; /* who waits for that has been told */
	unsigned int sleeps; /* so often the guest is yet to close the port to sleep */
	bool is_done; /* command or input have ended: the machine is to end */
};

/* End the machine for this cause, which is taken over; NULL: it needs none. */
void supervise_stop(struct supervisor *s, char *cause);

/* Have all that happens to the machine answered, from react.c. */
void react_listen(struct supervisor *s);

#endif
