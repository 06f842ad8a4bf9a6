/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * device - virtio-kiln on virtio-mmio, with split rings, as a driver sees it
 *
 * Memory is laid out once: each queue has its rings, requests and replies a place.
 * Whatever is written there is the caller's affair: this driver may lie.
 */
#ifndef TEST_DEVICE_H
#define TEST_DEVICE_H

#include <linux/virtio_ring.h>
#include <stdbool.h>

#include "lib/types.h"
#include "test/ring/qtest.h"

/* MiB of memory; and an address where there is none */
#define DEVICE_MEMORY 64
#define DEVICE_NOWHERE 0x700000000000ULL

#define DEVICE_QUEUES 2
#define DEVICE_RING 16 /* descriptors in a queue */

/* Where a request and its reply are, and the tables of indirect descriptors */
#define DEVICE_REQUEST 0x1000000
#define DEVICE_REPLY 0x2000000
#define DEVICE_TABLE 0x3000000

struct device {
	struct qtest *qtest;
	u64 base; /* of its registers */
	u16 avail[DEVICE_QUEUES]; /* buffers that were offered */
};

/* Find it in the machine.  Returns 0 or -ENODEV. */
int device_find(struct device *ret, struct qtest *qtest);

/* Reset it; and take the features, set up the queues and say that we are ready. */
void device_reset(struct device *device);
void device_start(struct device *device);

/* Registers: virtio_mmio.h of the kernel has their names. */
u32 device_read(struct device *device, u32 reg);
void device_write(struct device *device, u32 reg, u32 value);

/* Has it given up until it is reset? */
bool device_is_broken(struct device *device);

/* The addresses of a queue's parts */
u64 device_desc(int queue);
u64 device_avail(int queue);
u64 device_used(int queue);

/* Write descriptor number i of the table at `table`. */
void device_put(struct device *device, u64 table, int i,
		const struct vring_desc *desc);

/* Offer the chain that begins with descriptor head, and notify the device. */
void device_offer(struct device *device, int queue, u16 head);
void device_notify(struct device *device, int queue);

/* How many chains came back, and how many bytes the device wrote into the last. */
u16 device_used_count(struct device *device, int queue);
u32 device_used_len(struct device *device, int queue);

/*
 * Send the request `what` with len bytes of data in a well-formed chain; room is
 * that for the reply's data.
 */
void device_ask(struct device *device, u32 what, u32 argument,
		const void *data, size_t len, size_t room);

/* The status of the reply that came, or -1 when there is none. */
int device_status(struct device *device);

/* Does it answer as it should? */
bool device_echoes(struct device *device);

#endif
