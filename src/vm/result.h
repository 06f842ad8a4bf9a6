/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * result - what is told of a run: to programs in vm/last, to the user in words
 */
#ifndef VM_RESULT_H
#define VM_RESULT_H

#include <time.h>

#include "console.h"
#include "decode.h"
#include "end.h"
#include "splat.h"
#include "tests.h"

struct result {
	const char *last; /* the folder to write to */
	const char *lab; /* the output directory, its absolute path */
	char *const *command; /* for the guest; NULL: none */
	char *const *qemu; /* its command; NULL: it was not made */
	const char *accel;
	bool is_saved; /* it began with a saved machine */
	bool boot; /* as it was told not to */
	bool save; /* it was for nothing but saving one */
	const char *said; /* what QEMU printed last */
	const char *why; /* a sentence: how it ended */
	struct end_facts facts;
	struct end end;
	time_t began;
	long long up_ms; /* to the agent's first word; if it is_up */
	long long ms; /* to the end */
	int timeout; /* in seconds; 0: none */
	bool is_dumped; /* the memory is in vmcore */
	const struct console *console; /* NULL: there was none */
	const struct splat_watch *splats; /* flushed; NULL: none */
	struct decoded decoded; /* the splats again */
	const struct tests *tests;
};

/* Remove what an earlier run left, so that nobody takes it for this one's. */
void result_remove(const char *last);

/* Write result.json and reproduce.sh.  Returns 0 or -errno. */
int result_write(const struct result *result);

/*
 * Say on standard error what a user needs to know.  Nothing, if all went well
 * and the kernel did not complain.
 */
void result_say(const struct result *result);

#endif
