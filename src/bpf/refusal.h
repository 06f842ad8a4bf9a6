/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * refusal - shortens what libbpf says of a program that the kernel does not take
 *
 * The verifier prints each instruction that it looked at, thousands of lines, and
 * the reason last.  With BTF the lines of the source stand between them.
 */
#ifndef BPF_REFUSAL_H
#define BPF_REFUSAL_H

#include <stdio.h>

/*
 * Print what libbpf said about loading `object`: which program the verifier refuses,
 * why, and at which line and instruction; or, if the verifier said nothing, the first
 * complaint.
 */
void refusal_print(FILE *out, const char *object, const char *said);

#endif
