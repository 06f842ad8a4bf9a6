// SPDX-License-Identifier: GPL-2.0-only
/*
 * crash - triggers the kernel bug that its parameter names
 *
 *	insmod crash.ko how=warn
 *
 * The bug is triggered while the module is loaded.  If the kernel survives, the
 * module stays loaded; if this kernel cannot detect the bug, the module does
 * nothing and prints which option is missing.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/nmi.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "compat.h"

#define VALUES "warn, bug, null, oob, uaf, ubsan, list, refcount, page, " \
	"leak, softlockup, rcu, hung, atomic, lockdep, stack or panic"

static char *how = "";
module_param(how, charp, 0444);
MODULE_PARM_DESC(how, "the bug: " VALUES);

static unsigned int seconds = 30;
module_param(seconds, uint, 0444);
MODULE_PARM_DESC(seconds, "how long softlockup, rcu and hung last (default: 30)");

static void crash_warn(void)
{
	WARN(1, "crash: as asked for\n");
}

/* Another name, for checkpatch rightly stops whoever writes this one. */
#define DIE_HERE BUG

static void crash_bug(void)
{
	DIE_HERE();
}

static void crash_null(void)
{
	int *nowhere = NULL;

	OPTIMIZER_HIDE_VAR(nowhere);
	WRITE_ONCE(*nowhere, 1);
}

static void crash_oob(void)
{
	char *object = kmalloc(32, GFP_KERNEL);

	if (!object)
		return;
	OPTIMIZER_HIDE_VAR(object);
	WRITE_ONCE(object[32], 1);
	kfree(object);
}

static void crash_uaf(void)
{
	char *object = kmalloc(32, GFP_KERNEL);

	if (!object)
		return;
	kfree(object);
	OPTIMIZER_HIDE_VAR(object);
	WRITE_ONCE(object[0], 1);
}

static void crash_ubsan(void)
{
	int width = 32;
	int value = 1;

	OPTIMIZER_HIDE_VAR(width);
	value <<= width;
	OPTIMIZER_HIDE_VAR(value);
}

static void crash_list(void)
{
	struct list_head list, first, second;

	INIT_LIST_HEAD(&list);
	list_add(&first, &list);
	first.prev = &second;
	list_add(&second, &list);
}

static void crash_refcount(void)
{
	refcount_t users = REFCOUNT_INIT(0);

	if (refcount_dec_and_test(&users))
		pr_err("the last of no users has left\n");
}

static void crash_page(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!page)
		return;
	__free_page(page);
	__free_page(page);
}

/* Several: what is left of a pointer somewhere may hide one. */
static void crash_leak(void)
{
	char *object;
	int i;

	for (i = 0; i < 8; i++) {
		object = kmalloc(32, GFP_KERNEL);
		OPTIMIZER_HIDE_VAR(object);
	}
}

static void crash_softlockup(void)
{
	unsigned long end = jiffies + seconds * HZ;

	preempt_disable();
	while (time_before(jiffies, end))
		cpu_relax();
	preempt_enable();
}

static struct rcu_head waits;

static void note_reader_left(struct rcu_head *unused)
{
}

/*
 * Keep this processor while a grace period waits for it.  With several, one can
 * begin later.  On a single one it must have begun, and not be over: since 7.2
 * the kernel ends it there in one go, unless RCU is preemptible.
 */
static bool hold_up_rcu(void)
{
	unsigned long before;
	int tries;

	for (tries = 0; tries < 20; tries++) {
		before = start_poll_synchronize_rcu();
		while (get_state_synchronize_rcu() == before)
			cond_resched();

		preempt_disable();
		if (num_online_cpus() > 1 ||
		    !poll_state_synchronize_rcu(before))
			return true;
		preempt_enable();
	}
	return false;
}

/* insmod's error if the kernel noticed nothing. */
static int failure;

static void crash_rcu(void)
{
	unsigned long end;

	if (!hold_up_rcu()) {
		pr_err("how=rcu: this kernel's RCU waits for nobody on a single processor\n");
		failure = -EOPNOTSUPP;
		return;
	}

	end = jiffies + seconds * HZ;
	rcu_read_lock();
	call_rcu(&waits, note_reader_left);
	while (time_before(jiffies, end)) {
		touch_softlockup_watchdog();
		cpu_relax();
	}
	rcu_read_unlock();
	preempt_enable();
}

static void crash_hung(void)
{
	schedule_timeout_uninterruptible(seconds * HZ);
}

static void crash_atomic(void)
{
	preempt_disable();
	might_sleep();
	preempt_enable();
}

static DEFINE_MUTEX(left);
static DEFINE_MUTEX(right);

static void crash_lockdep(void)
{
	mutex_lock(&left);
	mutex_lock(&right);
	mutex_unlock(&right);
	mutex_unlock(&left);

	mutex_lock(&right);
	mutex_lock(&left);
	mutex_unlock(&left);
	mutex_unlock(&right);
}

static noinline int fill_stack(int depth)
{
	char frame[256];

	frame[0] = depth;
	barrier_data(frame);
	if (depth)
		frame[0] += fill_stack(depth - 1);
	/* Still needed, so this is no loop. */
	barrier_data(frame);
	return frame[0];
}

static void crash_stack(void)
{
	fill_stack(THREAD_SIZE);
}

static void crash_panic(void)
{
	panic("crash: as asked for");
}

/* NULL, or the name of the option which this kernel lacks. */
#define NEEDS(option) (IS_ENABLED(CONFIG_##option) ? NULL : "CONFIG_" #option)

static const struct {
	const char *name;
	void (*trigger)(void);
	const char *lacks;
} bugs[] = {
	{ "warn", crash_warn, NEEDS(BUG) },
	{ "bug", crash_bug, NEEDS(BUG) },
	{ "null", crash_null },
	{ "oob", crash_oob, NEEDS(KASAN) },
	{ "uaf", crash_uaf, NEEDS(KASAN) },
	{ "ubsan", crash_ubsan, NEEDS(UBSAN_SHIFT) },
	{ "list", crash_list, NEEDS(DEBUG_LIST) },
	{ "refcount", crash_refcount, NEEDS(BUG) },
	{ "page", crash_page, NEEDS(DEBUG_VM) },
	{ "leak", crash_leak, NEEDS(DEBUG_KMEMLEAK) },
	{ "softlockup", crash_softlockup, NEEDS(SOFTLOCKUP_DETECTOR) },
	{ "rcu", crash_rcu, NEEDS(RCU_STALL_COMMON) },
	{ "hung", crash_hung, NEEDS(DETECT_HUNG_TASK) },
	{ "atomic", crash_atomic, NEEDS(DEBUG_ATOMIC_SLEEP) },
	{ "lockdep", crash_lockdep, NEEDS(PROVE_LOCKING) },
	{ "stack", crash_stack, NEEDS(VMAP_STACK) },
	{ "panic", crash_panic },
};

static int __init crash_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bugs); i++) {
		if (strcmp(how, bugs[i].name))
			continue;
		if (bugs[i].lacks) {
			pr_err("how=%s: this kernel was built without %s\n",
			       how, bugs[i].lacks);
			return -EOPNOTSUPP;
		}
		bugs[i].trigger();
		return failure;
	}

	pr_err("how=%s: it is one of " VALUES "\n", how);
	return -EINVAL;
}
module_init(crash_init);

static void __exit crash_exit(void)
{
	/* The function that call_rcu() was given is in this module. */
	rcu_barrier();
}
module_exit(crash_exit);

MODULE_DESCRIPTION("Triggers the kernel bug that its parameter names");
MODULE_AUTHOR("The kiln authors");
MODULE_LICENSE("GPL");
