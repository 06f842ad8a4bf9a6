/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * splat - what the kernel prints when it is ill
 *
 * A watch reads what one machine says, on its console and in /dev/kmsg, and
 * picks out the kernel's reports: their title, their kind and their lines.  The
 * same report is mostly seen on both ways and is listed once.  All memory is
 * bounded, whatever the machine says.
 *
 * Which words begin a report is a list, recipes/vm/splats: on each line a kind,
 * the words and the reason, parted by tabs.  The words stand at the start of a
 * message, as in the kernel's source: %d is a number, %x a hexadecimal one or a
 * hidden address, both N in the title; %s is any text.  Text behind the words
 * does not matter.  The title ends at %-, and %. at the end of the words says that
 * this line is the whole report.
 * A second list, recipes/vm/allowed, without the kinds, names what is none.
 * Empty lines and those that begin with # are comments.
 *
 * Some kinds mean more than their names.  A panic is always a report of its own.
 * Behind list, refcount and the like comes a BUG() or a WARN() of their own, which
 * is part of them; an oops waits for its line with [#n].  An oops gets the function
 * where it happened into its title; refcount, object, fortify, lockdep and rcu get
 * the one that called the checker.  All of an oom is one report, and all of a
 * machine check.  A trace is what nothing else has announced: its title is the line
 * before it, and the second list may allow that.
 */
#ifndef VM_SPLAT_H
#define VM_SPLAT_H

#include <stdbool.h>
#include <stddef.h>

struct splat_list;
struct splat_watch;

/* A report; the texts are printable ASCII and belong to the watch. */
struct splat {
	const char *kind; /* from the list; "panic": the kernel has ended */
	const char *title; /* without what differs from run to run */
	const char *report; /* lines, each with a newline at its end */
	unsigned long times; /* so often; the report is the first one */
	bool on_console;
	bool in_kmsg;
	bool cut; /* the machine, or our bound, ended it early */
};

/*
 * Read the two lists.  Returns 0 or -errno, with the sentence in *why: also for
 * a line that has no reason or cannot be understood, and a list of no words.
 */
int splat_list_open(struct splat_list **ret, const char *splats,
		    const char *allowed, char **why);

/* Forget the lists; not before the watches that use them.  NULL is allowed. */
void splat_list_close(struct splat_list *list);

/* Begin to watch a machine.  Returns 0 or -errno. */
int splat_watch_open(struct splat_watch **ret, const struct splat_list *list);

/* NULL is allowed. */
void splat_watch_close(struct splat_watch *watch);

/*
 * What the console says from now on comes when the machine has run for at most so
 * many microseconds by the host's clock.  A line with a later time is then not its
 * kernel's.  Without it, that is not checked.
 */
void splat_watch_clock(struct splat_watch *watch, unsigned long long clock);

/* What the console said next, cut anywhere.  Returns 0 or -ENOMEM. */
int splat_watch_console(struct splat_watch *watch, const char *bytes,
			size_t len);

/* One whole record, as a read of /dev/kmsg gives it.  Returns 0 or -ENOMEM. */
int splat_watch_kmsg(struct splat_watch *watch, const char *record,
		     size_t len);

/*
 * Take what was said so far as all there is: reports are counted when they have
 * ended.  To be called before the next two; watching can go on after it.
 */
int splat_watch_flush(struct splat_watch *watch);

/* How many different reports there are. */
size_t splat_watch_count(const struct splat_watch *watch);

/* The i-th, in the order they began; valid until the watch is fed. */
void splat_watch_get(const struct splat_watch *watch, size_t i,
		     struct splat *ret);

/* How many more there were than are kept. */
unsigned long splat_watch_lost(const struct splat_watch *watch);

#endif
