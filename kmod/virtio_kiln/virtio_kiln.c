// SPDX-License-Identifier: GPL-2.0-only
/*
 * virtio_kiln - the driver of the virtio device kiln, /dev/kiln0 and so on
 *
 *	echo hello >/dev/kiln0
 *	head -c 6 /dev/kiln0
 *
 * What is written goes to the device in requests, and the replies' data can be read
 * in the order of the writes, by any program that opens the device.  A write returns
 * when its data are on their way.  When the device rejects them, the read that gets
 * to this point fails.
 *
 * A request is owned by up to two: the device, from kiln_add() to kiln_finish(), and
 * the one that waits for it, which is kiln->stream or a program in an ioctl.  The
 * latter may leave early; the memory is freed when both have done with it.
 *
 * The kiln itself lives until the driver and all open files have left it; its struct
 * device counts them.  The virtio device and its queues leave before: they may be
 * used only while state is KILN_READY, under the lock.
 *
 * Locks: kiln->lock is taken by interrupts, so it is a spinlock, and whoever allocates
 * or copies from or to a program does it before or after.  kiln->reading is held by
 * the one that copies from the stream, which alone may remove its requests.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/refcount.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "virtio_kiln.h"

#define KILN_DEVICES 64
#define KILN_EVENTS 8 /* buffers for messages */
#define KILN_SMALL 1024 /* up to so many bytes are not worth a page */
#define KILN_ORDER 5 /* the largest chunk: so much that a few hold 1 MiB */

static unsigned int megabytes = 8;
module_param(megabytes, uint, 0444);
MODULE_PARM_DESC(megabytes, "what may be written and not yet read, in MiB (default: 8, at most 1024)");

enum kiln_state {
	KILN_READY,
	KILN_FROZEN, /* the system sleeps, or is about to */
	KILN_BROKEN, /* the device needs a reset */
	KILN_GONE, /* the driver has left */
};

struct kiln {
	struct device dev;
	struct cdev cdev;
	struct virtio_device *vdev;
	u32 limit; /* bytes of data in a request */
	unsigned int chunks; /* of a request's data, and of its reply's, at most */
	u32 mode; /* of writes */
	struct work_struct look; /* whether the device needs a reset */
	struct mutex reading; /* the stream */
	wait_queue_head_t replies;
	wait_queue_head_t room; /* writers wait for it */

	spinlock_t lock; /* of all that follows */
	enum kiln_state state;
	struct virtqueue *requests;
	struct virtqueue *events; /* NULL: the device sends none */
	bool full; /* the queue of requests, until a reply comes */
	struct list_head flight; /* requests that the device has */
	struct list_head stream; /* requests by write, until they are read */
	size_t charged; /* what the stream costs */
	u64 kicks; /* notifications of the device's queue of requests */
	char (*messages)[VIRTIO_KILN_EVENT_MAX];
	char event[VIRTIO_KILN_EVENT_MAX]; /* the last message */
	unsigned int event_len;
	struct kernfs_node *event_node;
};

/* Chunks of memory as kiln_chunk_alloc() makes them */
struct kiln_buffer {
	struct scatterlist *sg;
	struct scatterlist one; /* saves an array of one */
	unsigned int count;
	size_t len;
};

struct kiln_request {
	refcount_t owners;
	struct list_head flight;
	struct list_head stream;
	bool done;
	int err; /* when it is done */
	u32 value;
	size_t got; /* so much of in are data */
	size_t taken; /* so much of them was read */
	size_t cost;
	struct kiln_buffer out;
	struct kiln_buffer in;
	struct virtio_kiln_request head;
	/* The device writes here: no other field may share the cache line. */
	struct virtio_kiln_reply reply ____cacheline_aligned;
};

static DEFINE_IDA(kiln_numbers);
static dev_t kiln_first;

static size_t kiln_limit(void)
{
	return (size_t)megabytes * SZ_1M;
}

static unsigned int kiln_chunk_order(size_t len)
{
	return min(ilog2(DIV_ROUND_UP(len, PAGE_SIZE)), KILN_ORDER);
}

/*
 * Returns memory for len bytes or, as pages come in powers of two and may be scarce,
 * for less: *got.  This alone tells kiln_chunk_free() what kind of memory it is.
 */
static void *kiln_chunk_alloc(size_t len, size_t *got, gfp_t gfp)
{
	unsigned int order;
	unsigned long chunk;

	if (len <= KILN_SMALL) {
		*got = len;
		return kmalloc(len, gfp);
	}
	gfp |= __GFP_COMP;
	order = kiln_chunk_order(len);
	chunk = order ? __get_free_pages(gfp | __GFP_NORETRY | __GFP_NOWARN, order) : 0;
	if (!chunk) {
		order = 0;
		chunk = __get_free_pages(gfp, order);
	}
	*got = min_t(size_t, len, PAGE_SIZE << order);
	return (void *)chunk;
}

static void kiln_chunk_free(void *chunk, size_t len)
{
	if (len <= KILN_SMALL)
		kfree(chunk);
	else
		free_pages((unsigned long)chunk, kiln_chunk_order(len));
}

static void kiln_buffer_free(struct kiln_buffer *buffer)
{
	unsigned int i;

	for (i = 0; i < buffer->count; i++)
		kiln_chunk_free(sg_virt(&buffer->sg[i]), buffer->sg[i].length);
	if (buffer->sg != &buffer->one)
		kfree(buffer->sg);
	buffer->sg = NULL;
	buffer->count = 0;
}

/* The buffer gets less than len bytes when that takes more than so many chunks. */
static int kiln_buffer_alloc(struct kiln_buffer *buffer, size_t len,
			     unsigned int chunks, gfp_t gfp)
{
	size_t got;
	void *chunk;

	if (!len)
		return 0;
	chunks = min_t(size_t, chunks, DIV_ROUND_UP(len, PAGE_SIZE));
	buffer->sg = &buffer->one;
	if (chunks > 1)
		buffer->sg = kmalloc_array(chunks, sizeof(*buffer->sg), GFP_KERNEL);
	if (!buffer->sg)
		return -ENOMEM;

	sg_init_table(buffer->sg, chunks);
	while (buffer->len < len && buffer->count < chunks) {
		chunk = kiln_chunk_alloc(len - buffer->len, &got, gfp);
		if (!chunk)
			return -ENOMEM;
		sg_set_buf(&buffer->sg[buffer->count++], chunk, got);
		buffer->len += got;
	}
	sg_mark_end(&buffer->sg[buffer->count - 1]);
	return 0;
}

static bool kiln_buffer_fill(struct kiln_buffer *buffer, struct iov_iter *from)
{
	unsigned int i;
	size_t len;

	for (i = 0; i < buffer->count; i++) {
		len = buffer->sg[i].length;
		if (copy_from_iter(sg_virt(&buffer->sg[i]), len, from) != len)
			return false;
	}
	return true;
}

/* Copies the bytes from pos to end, as many as it can; returns their number. */
static size_t kiln_buffer_read(struct kiln_buffer *buffer, size_t pos, size_t end,
			       struct iov_iter *to)
{
	size_t start = 0; /* of a chunk, in the buffer */
	size_t done = 0;
	size_t len, copied;
	unsigned int i;

	for (i = 0; i < buffer->count && pos < end; i++) {
		len = buffer->sg[i].length;
		if (pos < start + len) {
			len = min(end, start + len) - pos;
			copied = copy_to_iter(sg_virt(&buffer->sg[i]) + (pos - start), len, to);
			done += copied;
			pos += copied;
			if (copied != len)
				break;
		}
		start += buffer->sg[i].length;
	}
	return done;
}

static void kiln_request_put(struct kiln_request *req)
{
	if (!refcount_dec_and_test(&req->owners))
		return;
	kiln_buffer_free(&req->out);
	kiln_buffer_free(&req->in);
	kfree(req);
}

/*
 * Returns a request without data which is the caller's, with room for data of the reply.
 * The room is zeroed: a device that claims to have written there, but did not, must not
 * leak kernel memory to a program.
 */
static struct kiln_request *kiln_request_new(struct kiln *kiln, u32 what, u32 argument,
					     size_t room)
{
	struct kiln_request *req;
	int err;

	req = kzalloc(sizeof(*req), GFP_KERNEL);
	if (!req)
		return ERR_PTR(-ENOMEM);
	refcount_set(&req->owners, 1);
	req->head.what = cpu_to_le32(what);
	req->head.argument = cpu_to_le32(argument);
	err = kiln_buffer_alloc(&req->in, room, kiln->chunks, GFP_KERNEL | __GFP_ZERO);
	if (err) {
		kiln_request_put(req);
		return ERR_PTR(err);
	}
	return req;
}

/* Gives the request len bytes of data, or less when they need too many chunks. */
static int kiln_request_fill(struct kiln *kiln, struct kiln_request *req, size_t len,
			     struct iov_iter *from)
{
	int err = kiln_buffer_alloc(&req->out, len, kiln->chunks, GFP_KERNEL);

	if (err)
		return err;
	return kiln_buffer_fill(&req->out, from) ? 0 : -EFAULT;
}

static int kiln_status_error(u32 status)
{
	switch (status) {
	case VIRTIO_KILN_OK:
		return 0;
	case VIRTIO_KILN_UNKNOWN:
		return -EOPNOTSUPP;
	case VIRTIO_KILN_TOO_LONG:
		return -EMSGSIZE;
	case VIRTIO_KILN_INVALID:
		return -EINVAL;
	}
	return -EIO;
}

/* Takes over what the device replied in used bytes, and trusts no word of it. */
static int kiln_request_judge(struct kiln_request *req, unsigned int used)
{
	int err;

	if (used < sizeof(req->reply) || used - sizeof(req->reply) > req->in.len)
		return -EIO;
	err = kiln_status_error(le32_to_cpu(req->reply.status));
	if (err)
		return err;
	req->value = le32_to_cpu(req->reply.value);
	req->got = used - sizeof(req->reply);
	return 0;
}

/* What a waiting program gets told, be there replies or not */
static int kiln_error(struct kiln *kiln)
{
	switch (kiln->state) {
	case KILN_GONE:
		return -ENODEV;
	case KILN_BROKEN:
		return -EIO;
	default:
		return 0;
	}
}

static void kiln_wake(struct kiln *kiln)
{
	wake_up_interruptible(&kiln->replies);
	wake_up_interruptible(&kiln->room);
}

static void kiln_break(struct kiln *kiln)
{
	lockdep_assert_held(&kiln->lock);
	if (kiln->state != KILN_READY)
		return;
	kiln->state = KILN_BROKEN;
	dev_err(&kiln->vdev->dev, "the device is broken; unbind and bind its driver to reset it\n");
	kiln_wake(kiln);
}

/* The device has done with a request, or will never. */
static void kiln_finish(struct kiln *kiln, struct kiln_request *req, int err)
{
	lockdep_assert_held(&kiln->lock);
	list_del(&req->flight);
	kiln_buffer_free(&req->out);
	req->err = err;
	req->done = true;
	kiln->full = false;
	kiln_request_put(req);
}

/* Gives a request to the device, which needs a kick then. */
static int kiln_add(struct kiln *kiln, struct kiln_request *req)
{
	struct scatterlist head, reply, *sgs[4];
	unsigned int out = 0;
	unsigned int in = 0;
	int err;

	sg_init_one(&head, &req->head, sizeof(req->head));
	sg_init_one(&reply, &req->reply, sizeof(req->reply));
	sgs[out++] = &head;
	if (req->out.count)
		sgs[out++] = req->out.sg;
	sgs[out + in++] = &reply;
	if (req->in.count)
		sgs[out + in++] = req->in.sg;

	lockdep_assert_held(&kiln->lock);
	err = virtqueue_add_sgs(kiln->requests, sgs, out, in, req, GFP_ATOMIC);
	if (!err)
		list_add_tail(&req->flight, &kiln->flight);
	return err;
}

/* Tells the device of requests, unless it said that it looks for them anyway. */
static void kiln_kick(struct kiln *kiln)
{
	lockdep_assert_held(&kiln->lock);
	if (!virtqueue_kick_prepare(kiln->requests))
		return;
	kiln->kicks++;
	virtqueue_notify(kiln->requests);
}

/* Returns -ENOSPC when there is a reply to wait for first. */
static int kiln_send_locked(struct kiln *kiln, struct kiln_request *req, bool stream)
{
	int err;

	if (virtqueue_is_broken(kiln->requests)) {
		kiln_break(kiln);
		return -EIO;
	}
	refcount_inc(&req->owners);
	err = kiln_add(kiln, req);
	if (err) {
		refcount_dec(&req->owners);
		/* With none in flight it will never fit. */
		if (err == -ENOSPC && list_empty(&kiln->flight))
			return -EIO;
		kiln->full = err == -ENOSPC;
		return err;
	}
	if (stream)
		list_add_tail(&req->stream, &kiln->stream);
	kiln_kick(kiln);
	return 0;
}

static bool kiln_can_send(struct kiln *kiln)
{
	return kiln->state == KILN_READY && !kiln->full;
}

/*
 * Sends a request.  On success the device owns it, too, and the caller's share is the
 * stream's if it is for that.
 */
static int kiln_send(struct kiln *kiln, struct kiln_request *req, bool stream, bool wait)
{
	int err = 0;

	spin_lock_irq(&kiln->lock);
	do {
		if (wait)
			err = wait_event_interruptible_lock_irq(kiln->room,
								kiln_error(kiln) ||
								kiln_can_send(kiln),
								kiln->lock);
		else if (!kiln_can_send(kiln))
			err = -EAGAIN;
		err = kiln_error(kiln) ?: err;
		if (!err)
			err = kiln_send_locked(kiln, req, stream);
	} while (err == -ENOSPC);
	spin_unlock_irq(&kiln->lock);
	return err;
}

/* What a request of the stream with so much data costs until it is read */
static size_t kiln_cost(size_t len)
{
	return len + sizeof(struct kiln_request);
}

/*
 * poll() reports a device as writable if this much fits, and a write of at most this size
 * is never split, as with pipes.
 */
static bool kiln_has_room(struct kiln *kiln, size_t len)
{
	return kiln_can_send(kiln) && kiln->charged + kiln_cost(len) <= kiln_limit();
}

/* Charges a write of len bytes, or of less when it must not wait; returns how many. */
static ssize_t kiln_charge(struct kiln *kiln, size_t len, bool wait)
{
	int err = 0;

	spin_lock_irq(&kiln->lock);
	if (wait)
		err = wait_event_interruptible_lock_irq(kiln->room,
							kiln_error(kiln) ||
							kiln_has_room(kiln, len),
							kiln->lock);
	else if (!kiln_has_room(kiln, min_t(size_t, len, PAGE_SIZE)))
		err = -EAGAIN;
	err = kiln_error(kiln) ?: err;
	if (!err) {
		len = min(len, kiln_limit() - kiln->charged - kiln_cost(0));
		kiln->charged += kiln_cost(len);
	}
	spin_unlock_irq(&kiln->lock);
	if (err)
		return err;
	return len;
}

static void kiln_discharge(struct kiln *kiln, size_t cost)
{
	spin_lock_irq(&kiln->lock);
	kiln->charged -= cost;
	spin_unlock_irq(&kiln->lock);
	wake_up_interruptible(&kiln->room);
}

/* Sends len bytes as one request, or less when memory is in small pieces. */
static ssize_t kiln_write_charged(struct kiln *kiln, size_t len, struct iov_iter *from,
				  bool wait)
{
	struct kiln_request *req;
	int err;

	req = kiln_request_new(kiln, READ_ONCE(kiln->mode), 0, len);
	if (IS_ERR(req))
		return PTR_ERR(req);
	req->cost = kiln_cost(len);
	len = min(len, req->in.len);
	err = kiln_request_fill(kiln, req, len, from);
	len = req->out.len;
	if (!err)
		err = kiln_send(kiln, req, true, wait);
	if (err) {
		kiln_request_put(req);
		return err;
	}
	return len;
}

static ssize_t kiln_write_piece(struct kiln *kiln, struct iov_iter *from, bool wait)
{
	size_t most = min_t(size_t, kiln->limit, kiln_limit() / 2);
	ssize_t charged, done;

	charged = kiln_charge(kiln, min(iov_iter_count(from), most), wait);
	if (charged < 0)
		return charged;
	done = kiln_write_charged(kiln, charged, from, wait);
	if (done < 0)
		kiln_discharge(kiln, kiln_cost(charged));
	return done;
}

static bool kiln_must_wait(struct kiocb *iocb)
{
	return !(iocb->ki_filp->f_flags & O_NONBLOCK);
}

static ssize_t kiln_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct kiln *kiln = iocb->ki_filp->private_data;
	ssize_t done = 0;
	ssize_t len = 0;

	while (iov_iter_count(from)) {
		len = kiln_write_piece(kiln, from, kiln_must_wait(iocb));
		if (len < 0)
			break;
		done += len;
	}
	return done ?: len;
}

/* The first request of the stream if it is done, else NULL */
static struct kiln_request *kiln_readable(struct kiln *kiln)
{
	struct kiln_request *req;

	lockdep_assert_held(&kiln->lock);
	req = list_first_entry_or_null(&kiln->stream, struct kiln_request, stream);
	return req && req->done ? req : NULL;
}

/* What was answered before the device broke can be read. */
static int kiln_wait(struct kiln *kiln, bool wait)
{
	int err = 0;

	spin_lock_irq(&kiln->lock);
	if (wait)
		err = wait_event_interruptible_lock_irq(kiln->replies,
							kiln_error(kiln) ||
							kiln_readable(kiln),
							kiln->lock);
	else if (!kiln_readable(kiln))
		err = -EAGAIN;
	if (kiln->state == KILN_GONE || !kiln_readable(kiln))
		err = kiln_error(kiln) ?: err;
	else
		err = 0;
	spin_unlock_irq(&kiln->lock);
	return err;
}

static void kiln_drop(struct kiln *kiln, struct kiln_request *req)
{
	spin_lock_irq(&kiln->lock);
	list_del(&req->stream);
	spin_unlock_irq(&kiln->lock);
	kiln_discharge(kiln, req->cost);
	kiln_request_put(req);
}

/* Copies from the stream what is there; an error in it ends what comes before. */
static ssize_t kiln_take(struct kiln *kiln, struct iov_iter *to)
{
	struct kiln_request *req;
	ssize_t done = 0;
	size_t len;
	int err;

	while (iov_iter_count(to)) {
		spin_lock_irq(&kiln->lock);
		req = kiln_readable(kiln);
		spin_unlock_irq(&kiln->lock);
		if (!req || (req->err && done))
			break;
		err = req->err;
		len = kiln_buffer_read(&req->in, req->taken, req->got, to);
		req->taken += len;
		done += len;
		if (req->taken < req->got) {
			if (iov_iter_count(to))
				return done ?: -EFAULT;
			break;
		}
		kiln_drop(kiln, req);
		if (err)
			return err;
	}
	return done;
}

static ssize_t kiln_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct kiln *kiln = iocb->ki_filp->private_data;
	bool wait = kiln_must_wait(iocb);
	ssize_t done = 0;

	/* Nothing is taken where another reader was faster or a reply has no data. */
	while (iov_iter_count(to) && !done) {
		done = kiln_wait(kiln, wait);
		if (done)
			break;
		if (wait && mutex_lock_interruptible(&kiln->reading))
			return -ERESTARTSYS;
		if (!wait && !mutex_trylock(&kiln->reading))
			return -EAGAIN;
		done = kiln_take(kiln, to);
		mutex_unlock(&kiln->reading);
	}
	return done;
}

static __poll_t kiln_poll(struct file *file, poll_table *wait)
{
	struct kiln *kiln = file->private_data;
	__poll_t mask = 0;

	poll_wait(file, &kiln->replies, wait);
	poll_wait(file, &kiln->room, wait);
	spin_lock_irq(&kiln->lock);
	if (kiln_readable(kiln))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (kiln_has_room(kiln, PAGE_SIZE))
		mask |= EPOLLOUT | EPOLLWRNORM;
	if (kiln_error(kiln))
		mask |= EPOLLERR;
	if (kiln->state == KILN_GONE)
		mask |= EPOLLHUP;
	spin_unlock_irq(&kiln->lock);
	return mask;
}

/* Sends a request and waits for its reply. */
static int kiln_call(struct kiln *kiln, struct kiln_request *req)
{
	int err = kiln_send(kiln, req, false, true);

	if (err)
		return err;
	spin_lock_irq(&kiln->lock);
	err = wait_event_interruptible_lock_irq(kiln->replies,
						req->done || kiln_error(kiln),
						kiln->lock);
	if (req->done)
		err = req->err;
	else
		err = kiln_error(kiln) ?: err;
	spin_unlock_irq(&kiln->lock);
	return err;
}

static int kiln_delay(struct kiln *kiln, u32 __user *user)
{
	struct kiln_request *req;
	u32 ms;
	int err;

	if (get_user(ms, user))
		return -EFAULT;
	req = kiln_request_new(kiln, VIRTIO_KILN_DELAY, ms, 0);
	if (IS_ERR(req))
		return PTR_ERR(req);
	err = kiln_call(kiln, req);
	kiln_request_put(req);
	return err;
}

static int kiln_stats(struct kiln *kiln, struct kiln_stats __user *user)
{
	struct virtio_kiln_stats *said;
	struct kiln_stats stats;
	struct kiln_request *req;
	int err;

	req = kiln_request_new(kiln, VIRTIO_KILN_STATS, 0, sizeof(*said));
	if (IS_ERR(req))
		return PTR_ERR(req);
	err = kiln_call(kiln, req);
	if (!err && req->got != sizeof(*said))
		err = -EIO;
	if (!err) {
		said = sg_virt(req->in.sg);
		stats.requests = le64_to_cpu(said->requests);
		stats.bytes = le64_to_cpu(said->bytes);
		stats.kicks = le64_to_cpu(said->kicks);
		stats.batches = le64_to_cpu(said->batches);
		err = copy_to_user(user, &stats, sizeof(stats)) ? -EFAULT : 0;
	}
	kiln_request_put(req);
	return err;
}

static int kiln_checksum_of(struct kiln *kiln, struct kiln_checksum *checksum)
{
	struct kiln_request *req;
	struct iov_iter from;
	int err;

	if (checksum->len > kiln->limit)
		return -EMSGSIZE;
	iov_iter_ubuf(&from, ITER_SOURCE, u64_to_user_ptr(checksum->data), checksum->len);
	req = kiln_request_new(kiln, VIRTIO_KILN_CHECKSUM, 0, 0);
	if (IS_ERR(req))
		return PTR_ERR(req);
	err = kiln_request_fill(kiln, req, checksum->len, &from);
	if (!err && req->out.len != checksum->len)
		err = -ENOMEM;
	if (!err)
		err = kiln_call(kiln, req);
	if (!err)
		checksum->sum = req->value;
	kiln_request_put(req);
	return err;
}

static int kiln_checksum(struct kiln *kiln, struct kiln_checksum __user *user)
{
	struct kiln_checksum checksum;
	int err;

	if (copy_from_user(&checksum, user, sizeof(checksum)))
		return -EFAULT;
	err = kiln_checksum_of(kiln, &checksum);
	if (!err)
		err = put_user(checksum.sum, &user->sum);
	return err;
}

static int kiln_set_mode(struct kiln *kiln, u32 __user *user)
{
	u32 mode;

	if (get_user(mode, user))
		return -EFAULT;
	if (mode != VIRTIO_KILN_ECHO && mode != VIRTIO_KILN_UPPER)
		return -EINVAL;
	WRITE_ONCE(kiln->mode, mode);
	return 0;
}

static long kiln_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	struct kiln *kiln = file->private_data;
	void __user *user = (void __user *)arg;

	switch (command) {
	case KILN_IOC_MODE:
		return file->f_mode & FMODE_WRITE ? kiln_set_mode(kiln, user) : -EBADF;
	case KILN_IOC_DELAY:
		return kiln_delay(kiln, user);
	case KILN_IOC_STATS:
		return kiln_stats(kiln, user);
	case KILN_IOC_CHECKSUM:
		return kiln_checksum(kiln, user);
	}
	return -ENOTTY;
}

/* An open file holds the cdev, and that holds the kiln. */
static int kiln_open(struct inode *inode, struct file *file)
{
	file->private_data = container_of(inode->i_cdev, struct kiln, cdev);
	return stream_open(inode, file);
}

static const struct file_operations kiln_fops = {
	.owner = THIS_MODULE,
	.open = kiln_open,
	.read_iter = kiln_read_iter,
	.write_iter = kiln_write_iter,
	.poll = kiln_poll,
	.unlocked_ioctl = kiln_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/*
 * The attributes.  They exist only while the virtio device does: device_del() waits for
 * their readers.
 */
static ssize_t kiln_config_emit(struct device *dev, unsigned int offset, char *text)
{
	struct kiln *kiln = dev_get_drvdata(dev);
	__le32 value;

	virtio_cread_bytes(kiln->vdev, offset, &value, sizeof(value));
	return sysfs_emit(text, "%u\n", le32_to_cpu(value));
}

static ssize_t version_show(struct device *dev, struct device_attribute *attr, char *text)
{
	return kiln_config_emit(dev, offsetof(struct virtio_kiln_config, version), text);
}
static DEVICE_ATTR_RO(version);

static ssize_t limit_show(struct device *dev, struct device_attribute *attr, char *text)
{
	return kiln_config_emit(dev, offsetof(struct virtio_kiln_config, limit), text);
}
static DEVICE_ATTR_RO(limit);

static ssize_t requests_show(struct device *dev, struct device_attribute *attr, char *text)
{
	return kiln_config_emit(dev, offsetof(struct virtio_kiln_config, requests), text);
}
static DEVICE_ATTR_RO(requests);

static ssize_t events_show(struct device *dev, struct device_attribute *attr, char *text)
{
	return kiln_config_emit(dev, offsetof(struct virtio_kiln_config, events), text);
}
static DEVICE_ATTR_RO(events);

static ssize_t event_show(struct device *dev, struct device_attribute *attr, char *text)
{
	struct kiln *kiln = dev_get_drvdata(dev);
	unsigned int len;

	spin_lock_irq(&kiln->lock);
	len = kiln->event_len;
	memcpy(text, kiln->event, len);
	spin_unlock_irq(&kiln->lock);
	text[len] = '\n';
	return len + 1;
}
static DEVICE_ATTR_RO(event);

static ssize_t kicks_show(struct device *dev, struct device_attribute *attr, char *text)
{
	struct kiln *kiln = dev_get_drvdata(dev);
	u64 kicks;

	spin_lock_irq(&kiln->lock);
	kicks = kiln->kicks;
	spin_unlock_irq(&kiln->lock);
	return sysfs_emit(text, "%llu\n", kicks);
}
static DEVICE_ATTR_RO(kicks);

static struct attribute *kiln_attrs[] = {
	&dev_attr_version.attr,
	&dev_attr_limit.attr,
	&dev_attr_requests.attr,
	&dev_attr_events.attr,
	&dev_attr_event.attr,
	&dev_attr_kicks.attr,
	NULL
};

static umode_t kiln_attr_mode(struct kobject *kobj, struct attribute *attr, int i)
{
	struct kiln *kiln = dev_get_drvdata(kobj_to_dev(kobj));

	return attr == &dev_attr_event.attr && !kiln->events ? 0 : attr->mode;
}

static const struct attribute_group kiln_group = {
	.attrs = kiln_attrs,
	.is_visible = kiln_attr_mode,
};
__ATTRIBUTE_GROUPS(kiln);

/* When the last one has left it */
static void kiln_release(struct device *dev)
{
	struct kiln *kiln = container_of(dev, struct kiln, dev);
	struct kiln_request *req, *next;

	list_for_each_entry_safe(req, next, &kiln->stream, stream)
		kiln_request_put(req);
	kfree(kiln->messages);
	kfree(kiln);
}

static struct class kiln_class = {
	.name = "kiln",
	.dev_groups = kiln_groups,
	.dev_release = kiln_release,
};

static void kiln_replied(struct virtqueue *vq)
{
	struct kiln *kiln = vq->vdev->priv;
	struct kiln_request *req;
	unsigned long flags;
	unsigned int used;

	spin_lock_irqsave(&kiln->lock, flags);
	do {
		virtqueue_disable_cb(vq);
		while ((req = virtqueue_get_buf(vq, &used)))
			kiln_finish(kiln, req, kiln_request_judge(req, used));
		/* Its driver finds out that the device names what it was not given. */
		if (virtqueue_is_broken(vq)) {
			kiln_break(kiln);
			break;
		}
	} while (!virtqueue_enable_cb(vq));
	kiln_wake(kiln);
	spin_unlock_irqrestore(&kiln->lock, flags);
}

static int kiln_post_message(struct kiln *kiln, char *message)
{
	struct scatterlist sg;

	sg_init_one(&sg, message, VIRTIO_KILN_EVENT_MAX);
	return virtqueue_add_inbuf(kiln->events, &sg, 1, message, GFP_ATOMIC);
}

static void kiln_take_message(struct kiln *kiln, char *message, unsigned int len)
{
	if (len > VIRTIO_KILN_EVENT_MAX) {
		dev_err_ratelimited(&kiln->vdev->dev, "a message of %u bytes is none\n", len);
		return;
	}
	memcpy(kiln->event, message, len);
	kiln->event_len = len;
	if (kiln->event_node)
		sysfs_notify_dirent(kiln->event_node);
}

static void kiln_told(struct virtqueue *vq)
{
	struct kiln *kiln = vq->vdev->priv;
	unsigned long flags;
	unsigned int len;
	char *message;

	spin_lock_irqsave(&kiln->lock, flags);
	do {
		virtqueue_disable_cb(vq);
		while ((message = virtqueue_get_buf(vq, &len))) {
			kiln_take_message(kiln, message, len);
			kiln_post_message(kiln, message);
		}
		if (virtqueue_is_broken(vq)) {
			kiln_break(kiln);
			break;
		}
	} while (!virtqueue_enable_cb(vq));
	virtqueue_kick(vq);
	spin_unlock_irqrestore(&kiln->lock, flags);
}

static void kiln_look(struct work_struct *work)
{
	struct kiln *kiln = container_of(work, struct kiln, look);
	struct virtio_device *vdev = kiln->vdev;

	if (!(vdev->config->get_status(vdev) & VIRTIO_CONFIG_S_NEEDS_RESET))
		return;
	virtio_break_device(vdev);
	spin_lock_irq(&kiln->lock);
	kiln_break(kiln);
	spin_unlock_irq(&kiln->lock);
}

/* Interrupts come here, and not every bus can ask for the status in one. */
static void kiln_config_changed(struct virtio_device *vdev)
{
	struct kiln *kiln = vdev->priv;

	schedule_work(&kiln->look);
}

static int kiln_read_config(struct kiln *kiln)
{
	u32 version;

	virtio_cread_le(kiln->vdev, struct virtio_kiln_config, version, &version);
	virtio_cread_le(kiln->vdev, struct virtio_kiln_config, limit, &kiln->limit);
	if (version != VIRTIO_KILN_VERSION || !kiln->limit) {
		dev_err(&kiln->vdev->dev, "version %u with limit %u is not known\n",
			version, kiln->limit);
		return -EINVAL;
	}
	return 0;
}

static int kiln_find_queues(struct kiln *kiln)
{
	struct virtqueue_info infos[] = {
		[VIRTIO_KILN_REQUESTS] = { .name = "requests", .callback = kiln_replied },
		[VIRTIO_KILN_EVENTS] = { .name = "events", .callback = kiln_told },
	};
	struct virtqueue *vqs[ARRAY_SIZE(infos)] = {};
	bool events = virtio_has_feature(kiln->vdev, VIRTIO_KILN_F_EVENTS);
	unsigned int size;
	int err;

	err = virtio_find_vqs(kiln->vdev, events ? 2 : 1, vqs, infos, NULL);
	if (err)
		return err;

	/* No chain may be longer than its queue; two buffers are not for data. */
	size = virtqueue_get_vring_size(vqs[VIRTIO_KILN_REQUESTS]);
	if (size < 4) {
		kiln->vdev->config->del_vqs(kiln->vdev);
		return -EINVAL;
	}
	kiln->chunks = (size - 2) / 2;
	kiln->requests = vqs[VIRTIO_KILN_REQUESTS];
	kiln->events = vqs[VIRTIO_KILN_EVENTS];
	return 0;
}

static void kiln_post_messages(struct kiln *kiln)
{
	unsigned int i;

	for (i = 0; i < KILN_EVENTS; i++)
		if (kiln_post_message(kiln, kiln->messages[i]))
			break;
}

/* Up to the point from which the device works */
static int kiln_start(struct kiln *kiln)
{
	int err = kiln_read_config(kiln);

	if (err)
		return err;
	err = kiln_find_queues(kiln);
	if (err)
		return err;
	if (kiln->events)
		kiln_post_messages(kiln);
	virtio_device_ready(kiln->vdev);
	if (kiln->events)
		virtqueue_kick(kiln->events);
	return 0;
}

/* Takes back all that the device has.  Nobody may use the queues any more. */
static void kiln_stop(struct kiln *kiln)
{
	virtio_reset_device(kiln->vdev);
	/* An interrupt of before may be at work on another processor: not every bus waits. */
	virtio_synchronize_cbs(kiln->vdev);
	cancel_work_sync(&kiln->look);
	/* A system that wakes up without its device has none. */
	if (!kiln->requests)
		return;
	while (virtqueue_detach_unused_buf(kiln->requests))
		;
	while (kiln->events && virtqueue_detach_unused_buf(kiln->events))
		;
	kiln->vdev->config->del_vqs(kiln->vdev);
	kiln->requests = NULL;
	kiln->events = NULL;
}

static void kiln_set_state(struct kiln *kiln, enum kiln_state state)
{
	spin_lock_irq(&kiln->lock);
	kiln->state = state;
	spin_unlock_irq(&kiln->lock);
	kiln_wake(kiln);
}

static struct kiln *kiln_new(struct virtio_device *vdev)
{
	struct kiln *kiln = kzalloc(sizeof(*kiln), GFP_KERNEL);

	if (!kiln)
		return NULL;
	kiln->messages = kcalloc(KILN_EVENTS, sizeof(*kiln->messages), GFP_KERNEL);
	if (!kiln->messages) {
		kfree(kiln);
		return NULL;
	}
	INIT_WORK(&kiln->look, kiln_look);
	mutex_init(&kiln->reading);
	init_waitqueue_head(&kiln->replies);
	init_waitqueue_head(&kiln->room);
	spin_lock_init(&kiln->lock);
	INIT_LIST_HEAD(&kiln->flight);
	INIT_LIST_HEAD(&kiln->stream);
	kiln->mode = VIRTIO_KILN_ECHO;
	kiln->vdev = vdev;
	vdev->priv = kiln;

	device_initialize(&kiln->dev);
	kiln->dev.class = &kiln_class;
	kiln->dev.parent = &vdev->dev;
	dev_set_drvdata(&kiln->dev, kiln);
	cdev_init(&kiln->cdev, &kiln_fops);
	kiln->cdev.owner = THIS_MODULE;
	return kiln;
}

/* From here on programs find it. */
static int kiln_announce(struct kiln *kiln, int number)
{
	struct kernfs_node *node;
	int err;

	kiln->dev.devt = kiln_first + number;
	err = dev_set_name(&kiln->dev, "kiln%d", number);
	if (err)
		return err;
	err = cdev_device_add(&kiln->cdev, &kiln->dev);
	if (err)
		return err;
	node = sysfs_get_dirent(kiln->dev.kobj.sd, "event");
	spin_lock_irq(&kiln->lock);
	kiln->event_node = node;
	spin_unlock_irq(&kiln->lock);
	return 0;
}

static void kiln_withdraw(struct kiln *kiln)
{
	struct kernfs_node *node;

	spin_lock_irq(&kiln->lock);
	node = kiln->event_node;
	kiln->event_node = NULL;
	spin_unlock_irq(&kiln->lock);
	sysfs_put(node);
	cdev_device_del(&kiln->cdev, &kiln->dev);
}

static int kiln_validate(struct virtio_device *vdev)
{
	return virtio_has_feature(vdev, VIRTIO_F_VERSION_1) ? 0 : -ENODEV;
}

static int kiln_probe(struct virtio_device *vdev)
{
	struct kiln *kiln;
	int number, err;

	number = ida_alloc_max(&kiln_numbers, KILN_DEVICES - 1, GFP_KERNEL);
	if (number < 0)
		return number;
	err = -ENOMEM;
	kiln = kiln_new(vdev);
	if (!kiln)
		goto err_number;
	err = kiln_start(kiln);
	if (err)
		goto err_put;
	err = kiln_announce(kiln, number);
	if (err)
		goto err_stop;
	return 0;

err_stop:
	kiln_stop(kiln);
err_put:
	put_device(&kiln->dev);
err_number:
	ida_free(&kiln_numbers, number);
	return err;
}

static void kiln_remove(struct virtio_device *vdev)
{
	struct kiln *kiln = vdev->priv;
	struct kiln_request *req, *next;

	kiln_withdraw(kiln);
	kiln_set_state(kiln, KILN_GONE);
	kiln_stop(kiln);

	spin_lock_irq(&kiln->lock);
	list_for_each_entry_safe(req, next, &kiln->flight, flight)
		kiln_finish(kiln, req, -ENODEV);
	spin_unlock_irq(&kiln->lock);

	ida_free(&kiln_numbers, MINOR(kiln->dev.devt) - MINOR(kiln_first));
	put_device(&kiln->dev);
}

#ifdef CONFIG_PM_SLEEP
static int kiln_freeze(struct virtio_device *vdev)
{
	struct kiln *kiln = vdev->priv;

	kiln_set_state(kiln, KILN_FROZEN);
	kiln_stop(kiln);
	return 0;
}

/* What the device had and did not answer is sent again: it may be done twice. */
static void kiln_resend(struct kiln *kiln)
{
	struct kiln_request *req, *next;
	LIST_HEAD(again);
	int err;

	spin_lock_irq(&kiln->lock);
	kiln->full = false;
	list_splice_init(&kiln->flight, &again);
	list_for_each_entry_safe(req, next, &again, flight) {
		list_del_init(&req->flight);
		err = kiln_add(kiln, req);
		if (err)
			kiln_finish(kiln, req, err == -ENOSPC ? -EIO : err);
	}
	kiln_kick(kiln);
	spin_unlock_irq(&kiln->lock);
}

static int kiln_restore(struct virtio_device *vdev)
{
	struct kiln *kiln = vdev->priv;
	int err = kiln_start(kiln);

	if (err) {
		kiln_set_state(kiln, KILN_BROKEN);
		return err;
	}
	kiln_resend(kiln);
	kiln_set_state(kiln, KILN_READY);
	return 0;
}
#endif

static const unsigned int kiln_features[] = {
	VIRTIO_KILN_F_EVENTS,
	VIRTIO_KILN_F_DELAY,
};

static const struct virtio_device_id kiln_ids[] = {
	{ VIRTIO_ID_KILN, VIRTIO_DEV_ANY_ID },
	{ 0 },
};
MODULE_DEVICE_TABLE(virtio, kiln_ids);

static struct virtio_driver kiln_driver = {
	.driver.name = KBUILD_MODNAME,
	.driver.owner = THIS_MODULE,
	.id_table = kiln_ids,
	.feature_table = kiln_features,
	.feature_table_size = ARRAY_SIZE(kiln_features),
	.validate = kiln_validate,
	.probe = kiln_probe,
	.remove = kiln_remove,
	.config_changed = kiln_config_changed,
#ifdef CONFIG_PM_SLEEP
	.freeze = kiln_freeze,
	.restore = kiln_restore,
#endif
};

static int __init kiln_init(void)
{
	int err;

	if (!megabytes || megabytes > 1024)
		return -EINVAL;
	err = alloc_chrdev_region(&kiln_first, 0, KILN_DEVICES, "kiln");
	if (err)
		return err;
	err = class_register(&kiln_class);
	if (err)
		goto err_numbers;
	err = register_virtio_driver(&kiln_driver);
	if (err)
		goto err_class;
	return 0;

err_class:
	class_unregister(&kiln_class);
err_numbers:
	unregister_chrdev_region(kiln_first, KILN_DEVICES);
	return err;
}
module_init(kiln_init);

static void __exit kiln_exit(void)
{
	unregister_virtio_driver(&kiln_driver);
	class_unregister(&kiln_class);
	unregister_chrdev_region(kiln_first, KILN_DEVICES);
	ida_destroy(&kiln_numbers);
}
module_exit(kiln_exit);

MODULE_DESCRIPTION("Driver of the virtio device kiln");
MODULE_AUTHOR("The kiln authors");
MODULE_LICENSE("GPL");
