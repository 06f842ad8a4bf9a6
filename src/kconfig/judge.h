/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * judge - reports the lines that are not true in a configuration
 */
#ifndef JUDGE_H
#define JUDGE_H

struct asked;

/*
 * Print to stderr each line of this layer or a higher one that is wrong, or whose
 * symbol has another value in the configuration read last, with the reason.
 * Returns the number of such lines or -errno.
 */
int judge_all(const struct asked *asked, int layer);

#endif
