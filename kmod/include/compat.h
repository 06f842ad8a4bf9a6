/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compat - provides interfaces of the newest kernel on older ones
 *
 * Modules are written for the newest kernel.  Where an older one differs, this
 * header defines what is missing there; no other file checks the version.
 * It supports kernels from 5.10 on.
 */
#ifndef COMPAT_H
#define COMPAT_H

#include <linux/highmem.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/time_namespace.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <linux/virtio_config.h>

#if KERNEL_VERSION(5, 11, 0) > LINUX_VERSION_CODE
static inline u64 timens_add_boottime_ns(u64 ns)
{
	struct timespec64 time = ns_to_timespec64(ns);

	timens_add_boottime(&time);
	return timespec64_to_ns(&time);
}
#endif

#if KERNEL_VERSION(5, 13, 0) > LINUX_VERSION_CODE
#define memzero_page zero_user

static inline void compat_grace_free(struct rcu_head *head)
{
	kfree(head);
}

/* Has a grace period begin, and cannot tell later that it is over. */
static inline unsigned long start_poll_synchronize_rcu(void)
{
	struct rcu_head *head = kmalloc(sizeof(*head), GFP_KERNEL);

	if (head)
		call_rcu(head, compat_grace_free);
	return get_state_synchronize_rcu();
}

static inline bool poll_state_synchronize_rcu(unsigned long before)
{
	return false;
}
#endif

#if KERNEL_VERSION(5, 17, 0) > LINUX_VERSION_CODE
static inline void virtio_reset_device(struct virtio_device *vdev)
{
	vdev->config->reset(vdev);
}
#endif

#if KERNEL_VERSION(5, 19, 0) > LINUX_VERSION_CODE
static inline void virtio_synchronize_cbs(struct virtio_device *vdev)
{
	synchronize_rcu(); /* interrupts are off in a callback */
}
#endif

/* What it points to lives as long as the block that it stands in. */
#if KERNEL_VERSION(6, 0, 0) > LINUX_VERSION_CODE
#define iov_iter_ubuf(iter, direction, buffer, size) \
	((void)import_single_range(direction, buffer, size, &(struct iovec){}, iter))
#endif

/* 6.2 */
#ifndef ITER_SOURCE
#define ITER_SOURCE WRITE
#endif

/* 6.11 has one array that describes the queues, where three stood before. */
#if KERNEL_VERSION(6, 11, 0) > LINUX_VERSION_CODE

#define COMPAT_QUEUES 8 /* so many at most */

struct virtqueue_info {
	const char *name;
	vq_callback_t *callback;
	bool ctx;
};

static inline int compat_find_vqs(struct virtio_device *vdev, unsigned int count,
				  struct virtqueue **vqs,
				  struct virtqueue_info *infos,
				  struct irq_affinity *affinity)
{
	vq_callback_t *callbacks[COMPAT_QUEUES];
	const char *names[COMPAT_QUEUES];
	bool ctx[COMPAT_QUEUES];
	unsigned int i;

	if (count > COMPAT_QUEUES)
		return -EINVAL;
	for (i = 0; i < count; i++) {
		callbacks[i] = infos[i].callback;
		names[i] = infos[i].name;
		ctx[i] = infos[i].ctx;
	}
	return virtio_find_vqs_ctx(vdev, count, vqs, callbacks, names, ctx, affinity);
}

#define virtio_find_vqs compat_find_vqs

#endif

/* The block layer */
#ifdef CONFIG_BLOCK

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/err.h>

/* Before 6.14 requests are merged only if a driver asks for it. */
#if KERNEL_VERSION(6, 14, 0) > LINUX_VERSION_CODE
#define COMPAT_MQ_F_MERGE BLK_MQ_F_SHOULD_MERGE
#else
#define COMPAT_MQ_F_MERGE 0
#endif

/*
 * Returns a disk with these limits, and with a cache or without, or an error.  Before
 * 6.11 the cache is not one of the limits; before 6.9 the disk starts with default
 * limits, and a function sets each of them.
 */
static inline struct gendisk *compat_alloc_disk(struct blk_mq_tag_set *set,
						struct queue_limits *limits,
						bool cache, void *data)
{
#if KERNEL_VERSION(6, 11, 0) > LINUX_VERSION_CODE
	struct gendisk *disk;

#if KERNEL_VERSION(6, 9, 0) > LINUX_VERSION_CODE
	disk = blk_mq_alloc_disk(set, data);
	if (IS_ERR(disk))
		return disk;
	blk_queue_physical_block_size(disk->queue, limits->physical_block_size);
	blk_queue_max_discard_sectors(disk->queue, limits->max_hw_discard_sectors);
	blk_queue_max_write_zeroes_sectors(disk->queue,
					   limits->max_write_zeroes_sectors);
	blk_queue_dma_alignment(disk->queue, limits->dma_alignment);
	disk->queue->limits.discard_granularity = limits->discard_granularity;
#else
	disk = blk_mq_alloc_disk(set, limits, data);
	if (IS_ERR(disk))
		return disk;
#endif
	/* Newer ones take a disk for no rotating one unless told so. */
	blk_queue_flag_set(QUEUE_FLAG_NONROT, disk->queue);
	blk_queue_write_cache(disk->queue, cache, false);
	return disk;
#else
	if (cache)
		limits->features |= BLK_FEAT_WRITE_CACHE;
	return blk_mq_alloc_disk(set, limits, data);
#endif
}

#endif

#endif
