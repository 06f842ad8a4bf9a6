/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * result - a run's report: for programs in its folder, for the user on the terminal
 *
 * struct result belongs to the caller, and so does all that it points to.
 */
#ifndef VM_RESULT_H
#define VM_RESULT_H

#include <time.h>

#include "vm/qemu/console.h"
#include "vm/run/complaints.h"
#include "vm/run/verdict.h"
#include "vm/watch/tests.h"

struct result {
	const char *folder; /* to write to */
	const char *lab; /* the output directory, its absolute path */
	char *const *command; /* for the guest; NULL: none */
	char *const *qemu; /* its command; NULL: it was not made */
	const char *accel;
	const struct foreign *foreign; /* the kernel; NULL: the lab's */
	bool is_saved; /* the machine started from a saved state */
	bool is_spare; /* ... before this run */
	bool boot; /* the user asked for a boot */
	bool save; /* the run was only to save the machine */
	const char *said; /* what QEMU printed last */
	const struct verdict *verdict; /* was reached */
	time_t began;
	long long up_ms; /* to the agent's first word; if it is_up */
	long long ms; /* to the end */
	int timeout; /* in seconds; 0: none */
	bool is_dumped; /* the memory is in vmcore */
	const struct console *console; /* NULL: it was not opened */
	const struct complaints *complaints; /* were flushed */
	const struct tests *tests;
};

/*
 * Write result.json and reproduce.sh, and say on standard error what a user needs
 * to know: nothing if all went well and the kernel did not complain.
 */
void result_tell(const struct result *result);

#endif
