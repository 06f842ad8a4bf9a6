/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * elf - what the static libelf of Debian 13 calls and does not have: functions of elfutils'
 * own libeu, which is shipped nowhere
 *
 * They are those of search.h with a lock around them, and our programs have one thread.
 * The linker comes here last, so a libelf that is whole takes its own.
 */
#ifndef BPF_ELF_H
#define BPF_ELF_H

void eu_search_tree_init(void **tree);
void eu_search_tree_fini(void **tree, void (*free_node)(void *node));
void *eu_tsearch(const void *key, void **tree,
		 int (*compare)(const void *a, const void *b));
void *eu_tdelete(const void *key, void **tree,
		 int (*compare)(const void *a, const void *b));

#endif
