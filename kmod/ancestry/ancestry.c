// SPDX-License-Identifier: GPL-2.0-only
/*
 * ancestry - /proc/ancestry lists a process, its parent, and so on
 *
 *	cat /proc/ancestry
 *	(echo 42 >&3; cat <&3) 3<>/proc/ancestry
 *
 * A reader gets its own ancestors.  Writing a pid to an open file selects another
 * process for this open file, 0 selects the reader again.
 *
 * Pids, users and times are those of the opener's namespaces, so the list ends
 * where the opener's pid namespace does.
 */
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/kstrtox.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/time64.h>
#include <linux/time_namespace.h>
#include <linux/uidgid.h>

#include "compat.h"

/* So often a chain is read again when one of its processes has gone meanwhile. */
#define ANCESTRY_TRIES 100

/* One open file */
struct ancestry {
	struct pid_namespace *ns; /* of who opened it */
	struct pid *selected; /* NULL: whoever reads; under the seq_file's lock */
};

/* The task of the process that is to be shown; NULL if it has gone. */
static struct task_struct *ancestry_first(struct ancestry *ancestry)
{
	if (!ancestry->selected)
		return current->group_leader;
	return pid_task(ancestry->selected, PIDTYPE_TGID);
}

/* Threads have the parent of their process, and a parent may be a thread. */
static struct task_struct *ancestry_parent(struct task_struct *task)
{
	return READ_ONCE(rcu_dereference(task->real_parent)->group_leader);
}

static void ancestry_print(struct seq_file *file, struct task_struct *task,
			   pid_t nr, pid_t own)
{
	u64 start = timens_add_boottime_ns(task->start_boottime);
	uid_t uid = from_kuid_munged(seq_user_ns(file), task_uid(task));
	char name[TASK_COMM_LEN];
	u32 ns;

	start = div_u64_rem(start, NSEC_PER_SEC, &ns);
	get_task_comm(name, task);
	seq_printf(file, "%7d %7d %10u %7llu.%02u ", nr, own, uid, start,
		   ns / (u32)(NSEC_PER_SEC / 100));
	/* A process chooses its name, and one line is one process. */
	seq_escape(file, name, "\n\\");
	seq_putc(file, '\n');
}

/*
 * A process that was reaped keeps a pointer to its parent, which may have been
 * freed since.  This walk never follows such a pointer: its first task was not
 * reaped yet when the RCU section began.  A task hands its children on before it
 * is reaped, so each parent that is found here, even that of a task which is
 * reaped during the walk, was itself not reaped at some time in this section,
 * and is not freed before the section ends.
 *
 * Returns -ESRCH if the process has gone, -EAGAIN if one of its ancestors has
 * gone during the walk: then its children have another parent by now.
 */
static int ancestry_walk(struct seq_file *file, struct ancestry *ancestry)
{
	struct task_struct *task = ancestry_first(ancestry);
	int err = -ESRCH;
	pid_t nr, own;
	struct pid *pid;

	if (!task)
		return err;

	/* Printing does not sleep; what does not fit is printed anew. */
	while (!seq_has_overflowed(file)) {
		pid = get_task_pid(task, PIDTYPE_TGID);
		if (!pid)
			return err;
		nr = pid_nr_ns(pid, ancestry->ns);
		own = pid_nr_ns(pid, ns_of_pid(pid));
		put_pid(pid);

		/* The parent is outside, or it is the idle task. */
		if (!nr)
			break;
		ancestry_print(file, task, nr, own);
		task = ancestry_parent(task);
		err = -EAGAIN;
	}
	return 0;
}

static int ancestry_show(struct seq_file *file, void *unused)
{
	size_t start = file->count;
	int tries;
	int err;

	for (tries = 0; tries < ANCESTRY_TRIES; tries++) {
		file->count = start;
		seq_puts(file, "    PID     OWN        UID      START NAME\n");
		rcu_read_lock();
		err = ancestry_walk(file, file->private);
		rcu_read_unlock();
		if (err != -EAGAIN)
			break;
	}
	return err;
}

/* Only a process of the namespace can be found; the id of a thread is none. */
static struct pid *ancestry_find(struct ancestry *ancestry, pid_t nr)
{
	struct pid *pid;

	rcu_read_lock();
	pid = find_pid_ns(nr, ancestry->ns);
	if (pid && !pid_task(pid, PIDTYPE_TGID))
		pid = NULL;
	get_pid(pid);
	rcu_read_unlock();
	return pid;
}

static ssize_t ancestry_write(struct file *file, const char __user *text,
			      size_t len, loff_t *pos)
{
	struct seq_file *seq = file->private_data;
	struct ancestry *ancestry = seq->private;
	struct pid *pid = NULL;
	int err;
	int nr;

	err = kstrtoint_from_user(text, len, 10, &nr);
	if (err)
		return err;
	if (nr < 0)
		return -EINVAL;
	if (nr) {
		pid = ancestry_find(ancestry, nr);
		if (!pid)
			return -ESRCH;
	}

	mutex_lock(&seq->lock);
	swap(ancestry->selected, pid);
	mutex_unlock(&seq->lock);
	put_pid(pid);

	/* What is read next is the chain's beginning. */
	*pos = 0;
	return len;
}

static int ancestry_open(struct inode *inode, struct file *file)
{
	struct ancestry *ancestry;
	int err;

	ancestry = kzalloc(sizeof(*ancestry), GFP_KERNEL);
	if (!ancestry)
		return -ENOMEM;
	err = single_open(file, ancestry_show, ancestry);
	if (err) {
		kfree(ancestry);
		return err;
	}
	ancestry->ns = get_pid_ns(task_active_pid_ns(current));
	return 0;
}

static int ancestry_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;
	struct ancestry *ancestry = seq->private;

	put_pid(ancestry->selected);
	put_pid_ns(ancestry->ns);
	kfree(ancestry);
	return single_release(inode, file);
}

static const struct proc_ops ancestry_ops = {
	.proc_open = ancestry_open,
	.proc_read = seq_read,
	.proc_write = ancestry_write,
	.proc_lseek = seq_lseek,
	.proc_release = ancestry_release,
};

static int __init ancestry_init(void)
{
	/*
	 * Everybody may ask for itself, but only root for others: /proc can be
	 * mounted so that users do not see each other, which is not known here.
	 */
	if (!proc_create("ancestry", 0644, NULL, &ancestry_ops))
		return -ENOMEM;
	return 0;
}
module_init(ancestry_init);

static void __exit ancestry_exit(void)
{
	/* Waits for those who are in the functions above, then closes the files. */
	remove_proc_entry("ancestry", NULL);
}
module_exit(ancestry_exit);

MODULE_DESCRIPTION("Lists a process and its ancestors in /proc/ancestry");
MODULE_AUTHOR("The kiln authors");
MODULE_LICENSE("GPL");
