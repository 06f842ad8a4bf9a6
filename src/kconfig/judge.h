/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * judge - what of the lines that were asked for is not true
 */
#ifndef JUDGE_H
#define JUDGE_H

struct asked;

/*
 * Name on stderr each line in this layer or above it with which something is
 * wrong, or whose symbol has another value in the configuration read last, and
 * why.  Returns their number or -errno.
 */
int judge_all(const struct asked *asked, int layer);

#endif
