/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * decode - the kernel's reports with file and line for each address
 *
 * The work is done by the script vm/decode of the lab, which takes seconds for a
 * kernel with debugging information, and changes nothing for one without.  Reports of
 * a foreign kernel are left as they are, unless its vmlinux was found.
 */
#ifndef VM_DECODE_H
#define VM_DECODE_H

#include <signal.h>
#include <stddef.h>

#include "vm/lab.h"
#include "vm/watch/splat.h"

struct decode_spec {
	const struct lab *lab;
	const sigset_t *mask; /* the signals which the script blocks */
	int signals; /* readable when a signal wants us to stop */
};

struct decoded {
	char **report; /* one for each splat; NULL: it could not be decoded */
	size_t count;
};

/*
 * Decode what the watch has seen, flushed.  Returns 0 or -errno: -ETIMEDOUT when
 * not all could be decoded in DECODE_MS, -EAGAIN when a signal came, which is
 * still to be read.  *ret holds what was done by then, and is to be given to
 * decoded_fini() in each case.
 */
int decode(struct decoded *ret, const struct decode_spec *spec,
	   const struct splat_watch *watch);
void decoded_fini(struct decoded *decoded);

#define DECODE_MS 30000

#endif
