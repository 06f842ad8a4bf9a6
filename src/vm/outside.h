/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * outside - files and folders of the host that the menu gives to the machine
 *
 * Each list of the menu is split into words as by a shell, and each word by
 * commas; recipes/vm/Kconfig says what may stand there.
 */
#ifndef VM_OUTSIDE_H
#define VM_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "argv.h"
#include "config.h"

/* Letters, digits, dots and dashes, as for files that are made here? */
bool outside_is_name(const char *text);

struct disk {
	char *path;
	char *serial;
	bool is_made; /* by make, in vm/disks; else it is the user's file */
	bool is_kept; /* what the guest writes */
	bool is_read_only;
	bool is_qcow2;
	bool has_discard;
};

struct share {
	char *host; /* the folder there */
	char *guest; /* ... and here */
	bool is_writable;
};

struct shares {
	struct share *share;
	size_t count;
};

/*
 * Take a word of the list `symbol` apart; dir is the output directory.  Returns 0,
 * or -errno with a sentence in *why.
 */
int disk_parse(struct disk *ret, const char *symbol, const char *word,
	       const char *dir, char **why);
void disk_fini(struct disk *disk);

/*
 * The folders of VM_SHARES, to be freed by shares_fini().  Returns 0, or -errno
 * with a sentence in *why.
 */
int shares_init(struct shares *ret, const struct config *config, char **why);
void shares_fini(struct shares *shares);

/*
 * The words of a list, to be freed by argv_fini().  Returns 0, or -errno with a
 * sentence in *why.
 */
int outside_list(struct argv *ret, const struct config *config,
		 const char *symbol, char **why);

/*
 * Look whether all that the machine is to have of the host is there.  Returns 0, or
 * -errno with a sentence in *why.
 */
int outside_check(const struct config *config, const char *dir, char **why);

#endif
