/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record - prints what a program wrote to a ring buffer, by its type
 */
#ifndef BPF_RECORD_H
#define BPF_RECORD_H

#include <bpf/btf.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Print a value of this type as "MEMBER=VALUE MEMBER=VALUE": numbers, enumerators,
 * texts, and all else in hexadecimal.  What is cut off is left out.
 */
void record_print(FILE *out, const struct btf *btf, __u32 type, const void *data,
		  size_t size);

#endif
