/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clock - the time that passes, whatever somebody sets the clock on the wall to
 */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <time.h>

/* Nanoseconds, or milliseconds, since some moment before the program started. */
static inline long long clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static inline long long clock_ms(void)
{
	return clock_ns() / 1000000;
}

#endif
