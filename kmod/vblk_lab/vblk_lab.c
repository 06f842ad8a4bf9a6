// SPDX-License-Identifier: GPL-2.0-only
/*
 * vblk_lab - disks /dev/vblk0, /dev/vblk1, ... in memory, which can be pulled out
 *
 *	mke2fs /dev/vblk0
 *	mount /dev/vblk0 /mnt
 *	echo vblk_lab.0 >/sys/bus/platform/drivers/vblk_lab/unbind
 *
 * A drive is a platform device and exists as long as the module.  Its driver provides
 * the disk: unbind unplugs the drive, even while it is in use, and bind plugs it in
 * again, with the contents of its medium.
 *
 * Medium and cache are pages by index.  A page is allocated at the first write; missing
 * pages read as zeros.  With cache=1 writes go to pages in the cache; a flush moves them
 * to the medium, and a drive that is unplugged loses them.
 *
 * queue_rq() may sleep (BLK_MQ_F_BLOCKING), since memory is allocated there.  One
 * that must not sleep could only ask for what is free this moment, and would fail or
 * delay writes whenever the kernel has to write back something first.  All is done
 * when queue_rq() returns, so a request is never in flight without a thread in here.
 *
 * Locks: vblk->pages_lock is held for reading by those who copy data, in several
 * queues at a time, and for writing by those who take pages away: flush, discard,
 * loss of power.  So a page stays while data is copied.  Two who write to one page
 * may both allocate it, and xa_insert() decides.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/platform_device.h>
#include <linux/rwsem.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/xarray.h>

#include "compat.h"

enum {
	VBLK_DRIVES = 16, /* at most */
	VBLK_DEPTH = 64 /* requests in a queue */
};

/* Fails rather than kills programs, and does not wait for writes to a disk like this. */
#define VBLK_GFP (GFP_NOIO | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

static unsigned int devices = 2;
module_param(devices, uint, 0444);
MODULE_PARM_DESC(devices, "number of drives (default: 2, at most 16)");

static unsigned int megabytes = 64;
module_param(megabytes, uint, 0444);
MODULE_PARM_DESC(megabytes, "size of a drive in MiB (default: 64)");

static unsigned int limit;
module_param(limit, uint, 0444);
MODULE_PARM_DESC(limit, "memory of a drive in MiB, beyond which is no space (default: 0, none)");

static unsigned int queues;
module_param(queues, uint, 0444);
MODULE_PARM_DESC(queues, "hardware queues of a drive (default: 0, one for each processor)");

static bool cache = true;
module_param(cache, bool, 0444);
MODULE_PARM_DESC(cache, "what is not flushed is lost when a drive is pulled out (default: 1)");

enum vblk_count {
	VBLK_READS,
	VBLK_WRITES,
	VBLK_FLUSHES,
	VBLK_DISCARDS,
	VBLK_ZEROES,
	VBLK_ERRORS, /* requests of any kind that failed */
	VBLK_COUNTS
};

/* Each queue counts for itself, since those of another processor would be slow. */
struct vblk_queue {
	atomic_long_t counts[VBLK_COUNTS];
} ____cacheline_aligned_in_smp;

struct vblk {
	struct platform_device *pdev;
	struct gendisk *disk; /* while it is plugged in */
	struct blk_mq_tag_set tags; /* the disk's */
	struct vblk_queue *queues;
	struct rw_semaphore pages_lock;
	struct xarray medium;
	struct xarray cache;
	atomic_long_t held; /* pages in both */
	atomic_long_t unflushed; /* pages in the cache */
};

static struct vblk vblks[VBLK_DRIVES];

static struct page *vblk_find(struct vblk *vblk, unsigned long index)
{
	return xa_load(&vblk->cache, index) ?: xa_load(&vblk->medium, index);
}

/* Takes it from the limit, too. */
static struct page *vblk_alloc_page(struct vblk *vblk)
{
	struct page *page = NULL;

	if (atomic_long_inc_return(&vblk->held) <= (long)limit * (SZ_1M / PAGE_SIZE) ||
	    !limit)
		page = alloc_page(VBLK_GFP | __GFP_HIGHMEM);
	if (!page)
		atomic_long_dec(&vblk->held);
	return page;
}

static void vblk_free_page(struct vblk *vblk, struct page *page)
{
	__free_page(page);
	atomic_long_dec(&vblk->held);
}

/* Returns the page to write to, or NULL when there is no memory. */
static struct page *vblk_fill(struct vblk *vblk, unsigned long index)
{
	struct xarray *pages = cache ? &vblk->cache : &vblk->medium;
	struct page *page = xa_load(pages, index);
	struct page *old;
	int err;

	if (page)
		return page;
	page = vblk_alloc_page(vblk);
	if (!page)
		return NULL;

	/* Others see it when it has what was there, even if only a part is written. */
	old = xa_load(&vblk->medium, index);
	if (old)
		copy_highpage(page, old);
	else
		clear_highpage(page);
	err = xa_insert(pages, index, page, VBLK_GFP);
	if (err) {
		vblk_free_page(vblk, page);
		return err == -EBUSY ? xa_load(pages, index) : NULL;
	}
	if (cache)
		atomic_long_inc(&vblk->unflushed);
	return page;
}

static blk_status_t vblk_copy(struct vblk *vblk, bool write, u64 pos,
			      struct page *data, unsigned int offset, unsigned int len)
{
	unsigned long index = pos >> PAGE_SHIFT;
	unsigned int start = offset_in_page(pos);
	struct page *page;

	if (write) {
		page = vblk_fill(vblk, index);
		if (!page)
			return BLK_STS_NOSPC;
		memcpy_page(page, start, data, offset, len);
		return BLK_STS_OK;
	}
	page = vblk_find(vblk, index);
	if (page)
		memcpy_page(data, offset, page, start, len);
	else
		memzero_page(data, offset, len);
	flush_dcache_page(data);
	return BLK_STS_OK;
}

/* The segment lies in one page of the request, but may lie in two of the drive's. */
static blk_status_t vblk_segment(struct vblk *vblk, bool write, u64 pos,
				 const struct bio_vec *vec)
{
	blk_status_t status = BLK_STS_OK;
	unsigned int done, len;

	for (done = 0; done < vec->bv_len && status == BLK_STS_OK; done += len) {
		len = min_t(unsigned int, vec->bv_len - done,
			    PAGE_SIZE - offset_in_page(pos + done));
		status = vblk_copy(vblk, write, pos + done, vec->bv_page,
				   vec->bv_offset + done, len);
	}
	return status;
}

static blk_status_t vblk_transfer(struct vblk *vblk, struct request *rq)
{
	bool write = op_is_write(req_op(rq));
	u64 pos = (u64)blk_rq_pos(rq) << SECTOR_SHIFT;
	blk_status_t status = BLK_STS_OK;
	struct req_iterator iter;
	struct bio_vec vec;

	down_read(&vblk->pages_lock);
	rq_for_each_segment(vec, rq, iter) {
		status = vblk_segment(vblk, write, pos, &vec);
		if (status != BLK_STS_OK)
			break;
		pos += vec.bv_len;
	}
	up_read(&vblk->pages_lock);
	return status;
}

/* Makes what is in the cache durable, or as much of it as there is memory for. */
static blk_status_t vblk_flush(struct vblk *vblk)
{
	blk_status_t status = BLK_STS_OK;
	struct page *page, *old;
	unsigned long index;

	down_write(&vblk->pages_lock);
	xa_for_each(&vblk->cache, index, page) {
		old = xa_store(&vblk->medium, index, page, VBLK_GFP);
		if (xa_is_err(old)) {
			status = BLK_STS_NOSPC;
			break;
		}
		if (old)
			vblk_free_page(vblk, old);
		xa_erase(&vblk->cache, index);
		atomic_long_dec(&vblk->unflushed);
	}
	up_write(&vblk->pages_lock);
	return status;
}

static void vblk_drop(struct vblk *vblk, struct xarray *pages, unsigned long first,
		      unsigned long last)
{
	unsigned long index;
	struct page *page;

	xa_for_each_range(pages, index, page, first, last) {
		xa_erase(pages, index);
		vblk_free_page(vblk, page);
		if (pages == &vblk->cache)
			atomic_long_dec(&vblk->unflushed);
	}
}

/* What has no page is zero already and needs none. */
static blk_status_t vblk_zero_page(struct vblk *vblk, u64 pos, unsigned int len)
{
	struct page *page;

	if (!vblk_find(vblk, pos >> PAGE_SHIFT))
		return BLK_STS_OK;
	page = vblk_fill(vblk, pos >> PAGE_SHIFT);
	if (!page)
		return BLK_STS_NOSPC;
	memzero_page(page, offset_in_page(pos), len);
	return BLK_STS_OK;
}

/* For one who wants to write there later without running out of space. */
static blk_status_t vblk_zero(struct vblk *vblk, u64 pos, u64 end)
{
	blk_status_t status = BLK_STS_OK;
	unsigned int len;

	for (; pos < end && status == BLK_STS_OK; pos += len) {
		len = min_t(u64, end - pos, PAGE_SIZE - offset_in_page(pos));
		status = vblk_zero_page(vblk, pos, len);
	}
	return status;
}

/*
 * Discard and write-zeroes: whole pages are given back, in medium and cache.  So they
 * are durable at once, which a drive may do with what was not flushed.
 */
static blk_status_t vblk_clear(struct vblk *vblk, struct request *rq)
{
	u64 pos = (u64)blk_rq_pos(rq) << SECTOR_SHIFT;
	u64 end = pos + blk_rq_bytes(rq);
	u64 first = round_up(pos, PAGE_SIZE);
	u64 behind = round_down(end, PAGE_SIZE);
	blk_status_t status;

	down_write(&vblk->pages_lock);
	if (rq->cmd_flags & REQ_NOUNMAP || first >= behind) {
		status = vblk_zero(vblk, pos, end);
	} else {
		vblk_drop(vblk, &vblk->cache, first >> PAGE_SHIFT,
			  (behind >> PAGE_SHIFT) - 1);
		vblk_drop(vblk, &vblk->medium, first >> PAGE_SHIFT,
			  (behind >> PAGE_SHIFT) - 1);
		status = vblk_zero(vblk, pos, first);
		if (status == BLK_STS_OK)
			status = vblk_zero(vblk, behind, end);
	}
	up_write(&vblk->pages_lock);
	return status;
}

static blk_status_t vblk_do(struct vblk *vblk, struct vblk_queue *queue,
			    struct request *rq)
{
	switch (req_op(rq)) {
	case REQ_OP_READ:
		atomic_long_inc(&queue->counts[VBLK_READS]);
		return vblk_transfer(vblk, rq);
	case REQ_OP_WRITE:
		atomic_long_inc(&queue->counts[VBLK_WRITES]);
		return vblk_transfer(vblk, rq);
	case REQ_OP_FLUSH:
		atomic_long_inc(&queue->counts[VBLK_FLUSHES]);
		return vblk_flush(vblk);
	case REQ_OP_DISCARD:
		atomic_long_inc(&queue->counts[VBLK_DISCARDS]);
		return vblk_clear(vblk, rq);
	case REQ_OP_WRITE_ZEROES:
		atomic_long_inc(&queue->counts[VBLK_ZEROES]);
		return vblk_clear(vblk, rq);
	default:
		return BLK_STS_NOTSUPP;
	}
}

static blk_status_t vblk_queue_rq(struct blk_mq_hw_ctx *hctx,
				  const struct blk_mq_queue_data *bd)
{
	struct vblk *vblk = hctx->queue->queuedata;
	struct vblk_queue *queue = &vblk->queues[hctx->queue_num];
	blk_status_t status;

	blk_mq_start_request(bd->rq);
	status = vblk_do(vblk, queue, bd->rq);
	if (status != BLK_STS_OK)
		atomic_long_inc(&queue->counts[VBLK_ERRORS]);
	blk_mq_end_request(bd->rq, status);
	/* The request was accepted; how it ended is said above. */
	return BLK_STS_OK;
}

static const struct blk_mq_ops vblk_mq_ops = {
	.queue_rq = vblk_queue_rq,
};

/* A file that is open holds the module by this. */
static const struct block_device_operations vblk_fops = {
	.owner = THIS_MODULE,
};

/*
 * Pulls the drive out.  The disk is dead before it is deleted: del_gendisk() would
 * else write back what is dirty first, as for one that is to be removed in good order.
 * When it returns no request is in here and none will come, although files may still
 * be open and file systems mounted; they keep the gendisk, which knows no vblk then.
 */
static void vblk_unplug(void *data)
{
	struct vblk *vblk = data;

	blk_mark_disk_dead(vblk->disk);
	del_gendisk(vblk->disk);
	blk_mq_free_tag_set(&vblk->tags);
	put_disk(vblk->disk);
	vblk->disk = NULL;

	down_write(&vblk->pages_lock);
	vblk_drop(vblk, &vblk->cache, 0, ULONG_MAX);
	up_write(&vblk->pages_lock);
}

static struct gendisk *vblk_alloc_disk(struct vblk *vblk)
{
	struct queue_limits limits = {
		.physical_block_size = PAGE_SIZE,
		.discard_granularity = PAGE_SIZE,
		.max_hw_discard_sectors = UINT_MAX >> SECTOR_SHIFT,
		.max_write_zeroes_sectors = UINT_MAX >> SECTOR_SHIFT,
		/* Bytes are copied, wherever O_DIRECT finds them. */
		.dma_alignment = 3,
	};
	struct gendisk *disk = compat_alloc_disk(&vblk->tags, &limits, cache, vblk);

	if (IS_ERR(disk))
		return disk;
	disk->fops = &vblk_fops;
	snprintf(disk->disk_name, sizeof(disk->disk_name), "vblk%d", vblk->pdev->id);
	set_capacity(disk, (sector_t)megabytes * (SZ_1M / SECTOR_SIZE));
	return disk;
}

static int vblk_probe(struct platform_device *pdev)
{
	struct vblk *vblk = &vblks[pdev->id];
	int err;

	vblk->tags = (struct blk_mq_tag_set) {
		.ops = &vblk_mq_ops,
		.nr_hw_queues = queues,
		.queue_depth = VBLK_DEPTH,
		.numa_node = NUMA_NO_NODE,
		.flags = BLK_MQ_F_BLOCKING | COMPAT_MQ_F_MERGE,
	};
	err = blk_mq_alloc_tag_set(&vblk->tags);
	if (err)
		return err;
	vblk->disk = vblk_alloc_disk(vblk);
	if (IS_ERR(vblk->disk)) {
		err = PTR_ERR(vblk->disk);
		goto err_free_tags;
	}
	/* Reads the table of partitions, so requests come already. */
	err = device_add_disk(&pdev->dev, vblk->disk, NULL);
	if (err)
		goto err_put_disk;
	return devm_add_action_or_reset(&pdev->dev, vblk_unplug, vblk);

err_put_disk:
	put_disk(vblk->disk);
err_free_tags:
	blk_mq_free_tag_set(&vblk->tags);
	vblk->disk = NULL;
	return err;
}

/* Unbind is the work of devm, since remove() changed its type between the kernels. */
static struct platform_driver vblk_driver = {
	.driver.name = KBUILD_MODNAME,
	.probe = vblk_probe,
};

static struct vblk *vblk_of(struct device *dev)
{
	return &vblks[to_platform_device(dev)->id];
}

struct vblk_attribute {
	struct device_attribute attr;
	enum vblk_count count;
};

static ssize_t vblk_show(struct device *dev, struct device_attribute *attr, char *text)
{
	enum vblk_count count = container_of(attr, struct vblk_attribute, attr)->count;
	struct vblk *vblk = vblk_of(dev);
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < queues; i++)
		sum += atomic_long_read(&vblk->queues[i].counts[count]);
	return sysfs_emit(text, "%lu\n", sum);
}

#define VBLK_ATTR(_name, _count) \
	struct vblk_attribute vblk_attr_##_name = { \
		.attr = __ATTR(_name, 0444, vblk_show, NULL), \
		.count = (_count) \
	}

static VBLK_ATTR(reads, VBLK_READS);
static VBLK_ATTR(writes, VBLK_WRITES);
static VBLK_ATTR(flushes, VBLK_FLUSHES);
static VBLK_ATTR(discards, VBLK_DISCARDS);
static VBLK_ATTR(zeroes, VBLK_ZEROES);
static VBLK_ATTR(errors, VBLK_ERRORS);

static ssize_t queues_show(struct device *dev, struct device_attribute *attr, char *text)
{
	struct vblk *vblk = vblk_of(dev);
	unsigned long sum;
	unsigned int i, count;
	int len = 0;

	for (i = 0; i < queues; i++) {
		sum = 0;
		for (count = 0; count < VBLK_ERRORS; count++)
			sum += atomic_long_read(&vblk->queues[i].counts[count]);
		len += sysfs_emit_at(text, len, "%s%lu", i ? " " : "", sum);
	}
	return len + sysfs_emit_at(text, len, "\n");
}
static DEVICE_ATTR_RO(queues);

static u64 vblk_bytes(atomic_long_t *pages)
{
	return (u64)atomic_long_read(pages) * PAGE_SIZE;
}

static ssize_t memory_show(struct device *dev, struct device_attribute *attr, char *text)
{
	return sysfs_emit(text, "%llu\n", vblk_bytes(&vblk_of(dev)->held));
}
static DEVICE_ATTR_RO(memory);

static ssize_t unflushed_show(struct device *dev, struct device_attribute *attr, char *text)
{
	return sysfs_emit(text, "%llu\n", vblk_bytes(&vblk_of(dev)->unflushed));
}
static DEVICE_ATTR_RO(unflushed);

static struct attribute *vblk_attrs[] = {
	&vblk_attr_reads.attr.attr,
	&vblk_attr_writes.attr.attr,
	&vblk_attr_flushes.attr.attr,
	&vblk_attr_discards.attr.attr,
	&vblk_attr_zeroes.attr.attr,
	&vblk_attr_errors.attr.attr,
	&dev_attr_queues.attr,
	&dev_attr_memory.attr,
	&dev_attr_unflushed.attr,
	NULL
};
ATTRIBUTE_GROUPS(vblk);

/* Of the drive, not of the disk: they stay when it is pulled out. */
static int vblk_add(struct vblk *vblk, int id)
{
	int err = -ENOMEM;

	xa_init(&vblk->medium);
	xa_init(&vblk->cache);
	init_rwsem(&vblk->pages_lock);
	vblk->queues = kcalloc(queues, sizeof(*vblk->queues), GFP_KERNEL);
	vblk->pdev = platform_device_alloc(KBUILD_MODNAME, id);
	if (!vblk->queues || !vblk->pdev)
		goto err_put_device;
	vblk->pdev->dev.groups = vblk_groups;
	err = platform_device_add(vblk->pdev);
	if (err)
		goto err_put_device;
	return 0;

err_put_device:
	platform_device_put(vblk->pdev);
	kfree(vblk->queues);
	return err;
}

static void vblk_del(struct vblk *vblk)
{
	platform_device_unregister(vblk->pdev);
	vblk_drop(vblk, &vblk->medium, 0, ULONG_MAX);
	kfree(vblk->queues);
}

static int __init vblk_init(void)
{
	unsigned int i;
	int err;

	if (!devices || devices > VBLK_DRIVES || !megabytes)
		return -EINVAL;
	/* More than processors are never used. */
	queues = min(queues ?: num_online_cpus(), nr_cpu_ids);

	err = platform_driver_register(&vblk_driver);
	if (err)
		return err;
	for (i = 0; i < devices; i++) {
		err = vblk_add(&vblks[i], i);
		if (err)
			goto err_del;
	}
	return 0;

err_del:
	while (i--)
		vblk_del(&vblks[i]);
	platform_driver_unregister(&vblk_driver);
	return err;
}
module_init(vblk_init);

/* No file is open and nothing mounted: each one holds the module. */
static void __exit vblk_exit(void)
{
	u64 left = 0;
	unsigned int i;

	for (i = 0; i < devices; i++) {
		vblk_del(&vblks[i]);
		left += vblk_bytes(&vblks[i].held);
	}
	platform_driver_unregister(&vblk_driver);
	pr_info("%llu bytes are left\n", left);
}
module_exit(vblk_exit);

MODULE_DESCRIPTION("Disks in memory that can be pulled out");
MODULE_AUTHOR("The kiln authors");
MODULE_LICENSE("GPL");
