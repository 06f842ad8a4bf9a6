// SPDX-License-Identifier: GPL-2.0-only
#include <search.h>
#include <stddef.h>

#include "bpf/elf.h"

void eu_search_tree_init(void **tree)
{
	*tree = NULL;
}

void eu_search_tree_fini(void **tree, void (*free_node)(void *node))
{
	tdestroy(*tree, free_node);
	*tree = NULL;
}

void *eu_tsearch(const void *key, void **tree,
		 int (*compare)(const void *a, const void *b))
{
	return tsearch(key, tree, compare);
}

void *eu_tdelete(const void *key, void **tree,
		 int (*compare)(const void *a, const void *b))
{
	return tdelete(key, tree, compare);
}
