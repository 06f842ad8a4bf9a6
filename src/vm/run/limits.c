// SPDX-License-Identifier: GPL-2.0-only
#include "lib/macros.h"
#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/run/limits.h"

/* If the configuration has no limit for the boot. */
#define BOOT_S 60

/* If it has none for a run that nobody watches. */
#define ALONE_S 3600

/* Loading a saved state takes less than a second. */
#define LOAD_S 10

/* A kernel that panics resets at once, unless it was told otherwise. */
#define PANIC_S 5

static void limits_fire(struct limits *limits, enum limit limit)
{
	if (!limits->passed(limits, limit))
		limits_start(limits, limit);
}

static void limits_boot_passed(struct loop_timer *timer)
{
	limits_fire(container_of(timer, struct limits, timer[LIMIT_BOOT]),
		    LIMIT_BOOT);
}

static void limits_run_passed(struct loop_timer *timer)
{
	limits_fire(container_of(timer, struct limits, timer[LIMIT_RUN]),
		    LIMIT_RUN);
}

static void limits_panic_passed(struct loop_timer *timer)
{
	limits_fire(container_of(timer, struct limits, timer[LIMIT_PANIC]),
		    LIMIT_PANIC);
}

void limits_init(struct limits *limits, struct loop *loop,
		 const struct config *config, int run_s)
{
	limits->loop = loop;
	limits->timer[LIMIT_BOOT].fire = limits_boot_passed;
	limits->timer[LIMIT_RUN].fire = limits_run_passed;
	limits->timer[LIMIT_PANIC].fire = limits_panic_passed;
	limits->seconds[LIMIT_RUN] = run_s;
	if (limits->is_alone && config_number(config, "VM_LIMIT",
					      &limits->seconds[LIMIT_RUN]) < 0)
		limits->seconds[LIMIT_RUN] = ALONE_S;
	limits->seconds[LIMIT_PANIC] = PANIC_S;
	if (limits->is_saved)
		limits->seconds[LIMIT_BOOT] = LOAD_S;
	else if (config_number(config, "VM_BOOT_TIMEOUT",
			       &limits->seconds[LIMIT_BOOT]) < 0)
		limits->seconds[LIMIT_BOOT] = BOOT_S;
}

void limits_fini(struct limits *limits)
{
	int i;

	for (i = 0; limits->loop && i < LIMITS; i++)
		loop_timer_cancel(limits->loop, &limits->timer[i]);
}

void limits_start(struct limits *limits, enum limit limit)
{
	if (limits->seconds[limit])
		loop_timer_set(limits->loop, &limits->timer[limit],
			       limits->seconds[limit] * 1000LL);
}

void limits_cancel(struct limits *limits, enum limit limit)
{
	loop_timer_cancel(limits->loop, &limits->timer[limit]);
}

char *limits_text(const struct limits *limits, enum limit limit)
{
	long seconds = limits->seconds[limit];

	switch (limit) {
	case LIMIT_BOOT:
		return str_printf(limits->is_saved ?
				  "it did not come up in %ld s" :
				  "the machine did not come up in %ld s (VM_BOOT_TIMEOUT)",
				  seconds);
	case LIMIT_RUN:
		return str_printf("the time limit of %ld s passed%s", seconds,
				  limits->is_alone ? " (VM_LIMIT)" : "");
	default:
		return xstrdup("the kernel panicked");
	}
}
