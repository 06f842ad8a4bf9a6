/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hostfiles - files and folders of the host that the menu gives to the machine
 *
 * Each list of the menu is split into words as by a shell, and each word by
 * commas; recipes/vm/Kconfig says what may stand there.
 */
#ifndef VM_HOSTFILES_H
#define VM_HOSTFILES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/argv.h"
#include "lib/config.h"

/* Letters, digits, dots and dashes, as for files that are made here? */
bool hostfiles_is_name(const char *text);

struct plan;

struct disk {
	char *path;
	char *serial;
	bool is_made; /* by make, in vm/disks; else it is the user's file */
	bool is_kept; /* what the guest writes */
	bool is_read_only;
	bool is_qcow2;
	bool has_discard;
};

struct disks {
	const char *symbol; /* the list's */
	struct disk *disk;
	size_t count;
};

struct share {
	char *host; /* the folder there */
	char *guest; /* ... and here */
	bool is_writable;
	const char *symbol; /* the list's */
};

struct shares {
	struct share *share;
	size_t count;
};

/*
 * The disks of the list `symbol`, to be freed by disks_fini(); dir is the output
 * directory.  Returns 0, or -errno with a sentence in *why.
 */
int disks_init(struct disks *ret, const struct config *config,
	       const char *symbol, const char *dir, char **why);
void disks_fini(struct disks *disks);

/*
 * The folders of VM_SHARES and VM_HOST_WRITE, to be freed by shares_fini().  Returns 0, or -errno
 * with a sentence in *why.
 */
int shares_init(struct shares *ret, const struct config *config, char **why);
void shares_fini(struct shares *shares);

/*
 * The words of a list, to be freed by argv_fini().  Returns 0, or -errno with a
 * sentence in *why.
 */
int hostfiles_list(struct argv *ret, const struct config *config,
		   const char *symbol, char **why);

/*
 * Look whether all that the machine is to have of the host is there.  Returns 0, or
 * -errno with a sentence in *why.
 */
int hostfiles_check(const struct plan *plan, char **why);

#endif
