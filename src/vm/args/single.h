/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * single - what only one machine at a time can have
 */
#ifndef VM_ARGS_SINGLE_H
#define VM_ARGS_SINGLE_H

#include "vm/args/plan.h"

/*
 * Why no second machine like this can run beside it, as the end of a sentence that
 * begins with an option of the menu; the caller frees it.  NULL: many can run.
 */
char *args_single(const struct plan *plan);

#endif
