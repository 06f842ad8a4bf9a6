/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * str - strings on the heap
 */
#ifndef LIB_STR_H
#define LIB_STR_H

#include <stdarg.h>

#include "lib/macros.h"

/* Returns the formatted text, which the caller frees. */
char *str_printf(const char *fmt, ...) __printf(1, 2);
char *str_vprintf(const char *fmt, va_list ap) __printf(1, 0);

#endif
