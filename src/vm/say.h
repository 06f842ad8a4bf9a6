/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * say - prints one line for the user to standard error, after "vm: "
 */
#ifndef VM_SAY_H
#define VM_SAY_H

#include "lib/macros.h"

void say(const char *fmt, ...) __printf(1, 2);

#endif
