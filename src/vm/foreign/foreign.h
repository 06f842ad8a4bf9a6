/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * foreign - a kernel that was built elsewhere, for the lab's root
 *
 * Its configuration is looked for in the kernel itself (IKCONFIG), then beside its
 * file, where a distribution has config-RELEASE and a kernel's own build .config: the
 * folder in which it was built counts as beside, too.  So is a vmlinux that
 * tells where in the source its reports come from; it must have the same build ID.
 */
#ifndef VM_FOREIGN_H
#define VM_FOREIGN_H

#include <stdbool.h>

#include "lib/config.h"

struct foreign {
	char *path; /* of its file, absolute */
	char *release; /* as uname -r tells it; NULL: not known */
	unsigned long long memory; /* that it says to take; 0: it does not */
	struct config *config; /* NULL: not found */
	char *config_of; /* where it was found, for a sentence */
	char *vmlinux; /* the file of this kernel with its symbols, or NULL */
	char *modules; /* the folder of this release with its modules; NULL: none */
};

/* What the processor's kernels are files of, as args/processor.h has it */
struct foreign_kind {
	const char *name; /* the processor's */
	const char *magic; /* in hex, of an Image; "": a bzImage or a vmlinux */
	const char *place; /* of the file in its build */
};

/*
 * Look at the file, and for its modules in the folder unless that is NULL: it is that
 * of the release or has it as lib/modules/RELEASE.  Returns 0, or -errno with a sentence
 * in *why; foreign_fini() in both cases.
 */
int foreign_init(struct foreign *ret, const char *file, const char *modules,
		 const struct foreign_kind *kind, char **why);
void foreign_fini(struct foreign *foreign);

#endif
