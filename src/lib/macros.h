/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * macros - kernel names for what C and the compiler call differently
 */
#ifndef LIB_MACROS_H
#define LIB_MACROS_H

#include <stddef.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The structure of this type whose member this pointer points to. */
#define container_of(pointer, type, member) \
	((type *)(void *)((char *)(pointer) - offsetof(type, member)))

/* Argument fmt is a printf format, its arguments begin with number args. */
#define __printf(fmt, args) \
	__attribute__((__format__(printf, \
				  fmt, args)))

#endif
