// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>

#include "lib/str.h"
#include "lib/why.h"

int why_set(char **why, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*why = str_vprintf(fmt, ap);
	va_end(ap);
	return err;
}
