/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VQLAT_H
#define VQLAT_H

#define VQLAT_SLOTS 32
#define VQLAT_NAME 32

/* Of one queue: how many buffers took 2^i to 2^(i + 1) microseconds. */
struct histogram {
	char device[VQLAT_NAME];
	char name[VQLAT_NAME];
	unsigned long long count[VQLAT_SLOTS];
};

#endif
