// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "lib/str.h"
#include "lib/xmalloc.h"

char *str_vprintf(const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		xmalloc_fail();
	return text;
}

char *str_printf(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = str_vprintf(fmt, ap);
	va_end(ap);
	return text;
}
