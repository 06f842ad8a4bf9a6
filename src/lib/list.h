/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list - a singly linked list whose nodes can be removed at once
 *
 * A structure that shall be in a list embeds a struct list_node; container_of()
 * finds it again.  Zeroed memory is an empty list, or a node in no list.  Neither
 * may be moved while the node is in the list.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_node {
	struct list_node *next;
	struct list_node **at; /* what points here; NULL: it is in no list */
};

struct list {
	struct list_node *first;
};

/* Is the node in a list? */
static inline bool list_is_linked(const struct list_node *node)
{
	return node->at;
}

/* Put the node where `at` points: to a list's first or to a node's next. */
static inline void list_insert(struct list_node **at, struct list_node *node)
{
	node->next = *at;
	node->at = at;
	if (node->next)
		node->next->at = &node->next;
	*at = node;
}

/* Put the node first, or last. */
static inline void list_add(struct list *list, struct list_node *node)
{
	list_insert(&list->first, node);
}

static inline void list_append(struct list *list, struct list_node *node)
{
	struct list_node **at = &list->first;

	while (*at)
		at = &(*at)->next;
	list_insert(at, node);
}

/* Take the node out of its list, if it is in one. */
static inline void list_remove(struct list_node *node)
{
	if (!node->at)
		return;
	*node->at = node->next;
	if (node->next)
		node->next->at = node->at;
	node->at = NULL;
}

#endif
