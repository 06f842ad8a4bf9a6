// SPDX-License-Identifier: GPL-2.0-only
/*
 * scull - devices /dev/scull0 to /dev/scull3 that store data in memory
 *
 *	echo hello >/dev/scull0
 *	cat /dev/scull0
 *
 * A device is like a file: it has a size, holes, which take no memory and read as
 * zeros, and can be mapped.  Opening it with O_TRUNC empties it.  poll() reports
 * when there is more to read.  The last one, /dev/scull3, can be opened only once
 * at a time.
 *
 * Locks: scull->io is held for reading by those who read and for writing by those
 * who write or change the size.  They access the memory of programs meanwhile, where
 * a page fault may happen, even one of a mapped scull.  So a page fault, as all that
 * is done under mmap_lock, takes no scull->io.  That is why pages leave only when
 * nothing is mapped: see scull_shrink().
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/poll.h>
#include <linux/rwsem.h>
#include <linux/sizes.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "compat.h"
#include "scull.h"

enum {
	SCULL_EXCLUSIVE = 3, /* the device with one file at a time */
	SCULL_DEVICES
};

static unsigned int megabytes = 16;
module_param(megabytes, uint, 0444);
MODULE_PARM_DESC(megabytes, "limit of a device's size in MiB (default: 16, at most 1024)");

struct scull {
	struct xarray pages; /* by their index; a hole has none */
	atomic_long_t held; /* so many pages */
	unsigned long size; /* changes under io, is read without by some */
	struct rw_semaphore io;
	atomic_t maps; /* so many mappings; -1: pages are leaving */
	wait_queue_head_t growth; /* waits for something to read */
	unsigned long opened; /* bit 0, of SCULL_EXCLUSIVE */
};

static struct scull sculls[SCULL_DEVICES];
static dev_t scull_first;
static struct cdev *scull_cdev;

static unsigned long scull_limit(void)
{
	return (unsigned long)megabytes * SZ_1M;
}

/* Returns the page, which a hole gets now, or an error. */
static struct page *scull_fill(struct scull *scull, unsigned long index)
{
	struct page *page = xa_load(&scull->pages, index);
	int err;

	if (page)
		return page;
	page = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	if (!page)
		return ERR_PTR(-ENOMEM);
	err = xa_insert(&scull->pages, index, page, GFP_KERNEL);
	if (!err) {
		atomic_long_inc(&scull->held);
		return page;
	}

	__free_page(page);
	/* A page fault or a writer was faster, and its page stays. */
	if (err == -EBUSY)
		return xa_load(&scull->pages, index);
	return ERR_PTR(err);
}

static void scull_drop(struct scull *scull, unsigned long first)
{
	unsigned long index;
	struct page *page;

	xa_for_each_start(&scull->pages, index, page, first) {
		xa_erase(&scull->pages, index);
		put_page(page);
		atomic_long_dec(&scull->held);
	}
}

/* Whoever mapped the last page may have written behind the end. */
static void scull_clear_tail(struct scull *scull)
{
	struct page *page = xa_load(&scull->pages, scull->size / PAGE_SIZE);
	size_t used = offset_in_page(scull->size);

	if (page)
		memzero_page(page, used, PAGE_SIZE - used);
}

static void scull_grow(struct scull *scull, unsigned long size)
{
	WRITE_ONCE(scull->size, size);
	wake_up_interruptible(&scull->growth);
}

static int scull_shrink(struct scull *scull, unsigned long size)
{
	/* From here on nobody can map it. */
	if (!atomic_dec_unless_positive(&scull->maps))
		return -EBUSY;
	WRITE_ONCE(scull->size, size);
	scull_drop(scull, DIV_ROUND_UP(size, PAGE_SIZE));
	atomic_inc(&scull->maps);
	return 0;
}

static int scull_resize(struct scull *scull, u64 size)
{
	int err = 0;

	if (size > scull_limit())
		return -EFBIG;
	if (down_write_killable(&scull->io))
		return -EINTR;
	if (size < scull->size) {
		err = scull_shrink(scull, size);
	} else if (size > scull->size) {
		scull_clear_tail(scull);
		scull_grow(scull, size);
	}
	up_write(&scull->io);
	return err;
}

/* Copies from one page or hole; returns so many bytes. */
static size_t scull_read_page(struct scull *scull, unsigned long pos,
			      struct iov_iter *to)
{
	struct page *page = xa_load(&scull->pages, pos / PAGE_SIZE);
	size_t len = min(PAGE_SIZE - offset_in_page(pos), scull->size - pos);

	if (page)
		return copy_page_to_iter(page, offset_in_page(pos), len, to);
	return iov_iter_zero(min(len, iov_iter_count(to)), to);
}

static ssize_t scull_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct scull *scull = iocb->ki_filp->private_data;
	ssize_t done = 0;
	size_t len;

	if (down_read_killable(&scull->io))
		return -EINTR;
	while (iov_iter_count(to) && iocb->ki_pos < scull->size) {
		len = scull_read_page(scull, iocb->ki_pos, to);
		if (!len) {
			done = done ?: -EFAULT;
			break;
		}
		iocb->ki_pos += len;
		done += len;
	}
	up_read(&scull->io);
	return done;
}

/* Copies to one page; returns so many bytes or an error. */
static ssize_t scull_write_page(struct scull *scull, unsigned long pos,
				struct iov_iter *from)
{
	struct page *page = scull_fill(scull, pos / PAGE_SIZE);
	size_t len;

	if (IS_ERR(page))
		return PTR_ERR(page);
	len = copy_page_from_iter(page, offset_in_page(pos),
				  PAGE_SIZE - offset_in_page(pos), from);
	return len ?: -EFAULT;
}

static ssize_t scull_write_locked(struct scull *scull, struct kiocb *iocb,
				  struct iov_iter *from)
{
	ssize_t done = 0;
	ssize_t len = 0;

	if (iocb->ki_flags & IOCB_APPEND)
		iocb->ki_pos = scull->size;
	if (iov_iter_count(from) && iocb->ki_pos >= scull_limit())
		return -ENOSPC;
	iov_iter_truncate(from, scull_limit() - iocb->ki_pos);
	if (iocb->ki_pos > scull->size)
		scull_clear_tail(scull);

	while (iov_iter_count(from)) {
		len = scull_write_page(scull, iocb->ki_pos, from);
		if (len < 0)
			break;
		iocb->ki_pos += len;
		done += len;
	}
	if (done && iocb->ki_pos > scull->size)
		scull_grow(scull, iocb->ki_pos);
	return done ?: len;
}

static ssize_t scull_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct scull *scull = iocb->ki_filp->private_data;
	ssize_t done;

	if (down_write_killable(&scull->io))
		return -EINTR;
	done = scull_write_locked(scull, iocb, from);
	up_write(&scull->io);
	return done;
}

static loff_t scull_llseek(struct file *file, loff_t offset, int whence)
{
	struct scull *scull = file->private_data;

	return generic_file_llseek_size(file, offset, whence, scull_limit(),
					READ_ONCE(scull->size));
}

static __poll_t scull_poll(struct file *file, poll_table *wait)
{
	struct scull *scull = file->private_data;
	__poll_t mask = 0;

	poll_wait(file, &scull->growth, wait);
	if (file->f_pos < READ_ONCE(scull->size))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (file->f_pos < scull_limit())
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}

static u64 scull_memory(struct scull *scull)
{
	return (u64)atomic_long_read(&scull->held) * PAGE_SIZE;
}

static long scull_ioctl(struct file *file, unsigned int command,
			unsigned long arg)
{
	struct scull *scull = file->private_data;
	void __user *user = (void __user *)arg;
	struct scull_info info = {};
	u64 size;

	switch (command) {
	case SCULL_IOC_INFO:
		info.size = READ_ONCE(scull->size);
		info.memory = scull_memory(scull);
		info.limit = scull_limit();
		return copy_to_user(user, &info, sizeof(info)) ? -EFAULT : 0;
	case SCULL_IOC_RESIZE:
		if (!(file->f_mode & FMODE_WRITE))
			return -EBADF;
		if (copy_from_user(&size, user, sizeof(size)))
			return -EFAULT;
		return scull_resize(scull, size);
	}
	return -ENOTTY;
}

static vm_fault_t scull_fault(struct vm_fault *vmf)
{
	struct scull *scull = vmf->vma->vm_private_data;
	struct page *page;

	/* As of any file: what is wholly behind the end is not there. */
	if (vmf->pgoff >= DIV_ROUND_UP(READ_ONCE(scull->size), PAGE_SIZE))
		return VM_FAULT_SIGBUS;
	page = scull_fill(scull, vmf->pgoff);
	if (IS_ERR(page))
		return vmf_error(PTR_ERR(page));
	get_page(page);
	vmf->page = page;
	return 0;
}

/* By fork, for one, so there is a mapping already. */
static void scull_vm_open(struct vm_area_struct *vma)
{
	struct scull *scull = vma->vm_private_data;

	atomic_inc(&scull->maps);
}

static void scull_vm_close(struct vm_area_struct *vma)
{
	struct scull *scull = vma->vm_private_data;

	atomic_dec(&scull->maps);
}

static const struct vm_operations_struct scull_vm_ops = {
	.open = scull_vm_open,
	.close = scull_vm_close,
	.fault = scull_fault,
};

static int scull_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct scull *scull = file->private_data;

	if (!atomic_inc_unless_negative(&scull->maps))
		return -EBUSY;
	vma->vm_private_data = scull;
	vma->vm_ops = &scull_vm_ops;
	return 0;
}

static int scull_open(struct inode *inode, struct file *file)
{
	struct scull *scull = &sculls[iminor(inode) - MINOR(scull_first)];
	bool exclusive = scull == &sculls[SCULL_EXCLUSIVE];
	int err = 0;

	if (exclusive && test_and_set_bit_lock(0, &scull->opened))
		return -EBUSY;
	if (file->f_mode & FMODE_WRITE && file->f_flags & O_TRUNC)
		err = scull_resize(scull, 0);
	if (err && exclusive)
		clear_bit_unlock(0, &scull->opened);
	file->private_data = scull;
	return err;
}

static int scull_release(struct inode *inode, struct file *file)
{
	struct scull *scull = file->private_data;

	/* Only of the exclusive one was it set. */
	clear_bit_unlock(0, &scull->opened);
	return 0;
}

static const struct file_operations scull_fops = {
	.owner = THIS_MODULE,
	.open = scull_open,
	.release = scull_release,
	.read_iter = scull_read_iter,
	.write_iter = scull_write_iter,
	.llseek = scull_llseek,
	.poll = scull_poll,
	.unlocked_ioctl = scull_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = scull_mmap,
};

static ssize_t size_show(struct device *dev, struct device_attribute *attr,
			 char *text)
{
	struct scull *scull = dev_get_drvdata(dev);

	return sysfs_emit(text, "%lu\n", READ_ONCE(scull->size));
}
static DEVICE_ATTR_RO(size);

static ssize_t memory_show(struct device *dev, struct device_attribute *attr,
			   char *text)
{
	return sysfs_emit(text, "%llu\n", scull_memory(dev_get_drvdata(dev)));
}
static DEVICE_ATTR_RO(memory);

static struct attribute *scull_attrs[] = {
	&dev_attr_size.attr,
	&dev_attr_memory.attr,
	NULL
};
ATTRIBUTE_GROUPS(scull);

static struct class scull_class = {
	.name = KBUILD_MODNAME,
	.dev_groups = scull_groups,
};

static void scull_init_devices(void)
{
	struct scull *scull;

	for (scull = sculls; scull < sculls + SCULL_DEVICES; scull++) {
		xa_init(&scull->pages);
		init_rwsem(&scull->io);
		init_waitqueue_head(&scull->growth);
	}
}

/* The file system of devices gets /dev/scullN. */
static int scull_announce(void)
{
	struct device *dev;
	int i;

	for (i = 0; i < SCULL_DEVICES; i++) {
		dev = device_create(&scull_class, NULL, scull_first + i,
				    &sculls[i], KBUILD_MODNAME "%d", i);
		if (IS_ERR(dev))
			goto err_destroy;
	}
	return 0;

err_destroy:
	while (i--)
		device_destroy(&scull_class, scull_first + i);
	return PTR_ERR(dev);
}

static void scull_free_pages(void)
{
	u64 left = 0;
	int i;

	for (i = 0; i < SCULL_DEVICES; i++) {
		scull_drop(&sculls[i], 0);
		left += scull_memory(&sculls[i]);
	}
	pr_info("%llu bytes are left\n", left);
}

static int __init scull_init(void)
{
	int err;

	if (!megabytes || megabytes > 1024)
		return -EINVAL;
	scull_init_devices();

	err = alloc_chrdev_region(&scull_first, 0, SCULL_DEVICES, KBUILD_MODNAME);
	if (err)
		return err;
	err = class_register(&scull_class);
	if (err)
		goto err_numbers;

	err = -ENOMEM;
	scull_cdev = cdev_alloc();
	if (!scull_cdev)
		goto err_class;
	scull_cdev->owner = THIS_MODULE;
	scull_cdev->ops = &scull_fops;
	err = cdev_add(scull_cdev, scull_first, SCULL_DEVICES);
	if (err)
		goto err_put_cdev;
	err = scull_announce();
	if (err)
		goto err_del_cdev;
	return 0;

err_del_cdev:
	cdev_del(scull_cdev);
	goto err_class;
err_put_cdev:
	kobject_put(&scull_cdev->kobj);
err_class:
	class_unregister(&scull_class);
err_numbers:
	unregister_chrdev_region(scull_first, SCULL_DEVICES);
	return err;
}
module_init(scull_init);

/* No file is open: each one holds the module. */
static void __exit scull_exit(void)
{
	int i;

	for (i = 0; i < SCULL_DEVICES; i++)
		device_destroy(&scull_class, scull_first + i);
	cdev_del(scull_cdev);
	class_unregister(&scull_class);
	unregister_chrdev_region(scull_first, SCULL_DEVICES);
	scull_free_pages();
}
module_exit(scull_exit);

MODULE_DESCRIPTION("Character devices that keep in memory what is written");
MODULE_AUTHOR("The kiln authors");
MODULE_LICENSE("GPL");
