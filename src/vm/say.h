/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * say - one line for the user, on standard error, after "vm: "
 */
#ifndef VM_SAY_H
#define VM_SAY_H

#include "macros.h"

void say(const char *fmt, ...) __printf(1, 2);

#endif
