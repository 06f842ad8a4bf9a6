// SPDX-License-Identifier: GPL-2.0-only
#include <endian.h>
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <string.h>

#include "../../../kmod/virtio_kiln/virtio_kiln.h"
#include "test/ring/device.h"

/* Where microvm has its virtio-mmio devices */
#define SLOT_FIRST 0xfeb00000
#define SLOT_SIZE 512
#define SLOTS 32
#define MAGIC 0x74726976

#define QUEUE_FIRST 0x800000
#define QUEUE_SIZE 0x10000

int device_find(struct device *ret, struct qtest *qtest)
{
	int i;

	for (i = 0; i < SLOTS; i++) {
		*ret = (struct device){
			.qtest = qtest,
			.base = SLOT_FIRST + i * SLOT_SIZE,
		};
		if (device_read(ret, VIRTIO_MMIO_MAGIC_VALUE) == MAGIC &&
		    device_read(ret, VIRTIO_MMIO_DEVICE_ID) == VIRTIO_ID_KILN)
			return 0;
	}
	return -ENODEV;
}

u32 device_read(struct device *device, u32 reg)
{
	return qtest_read32(device->qtest, device->base + reg);
}

void device_write(struct device *device, u32 reg, u32 value)
{
	qtest_write32(device->qtest, device->base + reg, value);
}

u64 device_desc(int queue)
{
	return QUEUE_FIRST + queue * QUEUE_SIZE;
}

u64 device_avail(int queue)
{
	return device_desc(queue) + 0x4000;
}

u64 device_used(int queue)
{
	return device_desc(queue) + 0x8000;
}

static void device_write64(struct device *device, u32 reg, u64 value)
{
	device_write(device, reg, value);
	device_write(device, reg + 4, value >> 32);
}

static void device_take_features(struct device *device)
{
	u32 word;
	int i;

	for (i = 0; i < 2; i++) {
		device_write(device, VIRTIO_MMIO_DEVICE_FEATURES_SEL, i);
		word = device_read(device, VIRTIO_MMIO_DEVICE_FEATURES);
		device_write(device, VIRTIO_MMIO_DRIVER_FEATURES_SEL, i);
		device_write(device, VIRTIO_MMIO_DRIVER_FEATURES, word);
	}
}

static void device_set_queue(struct device *device, int queue)
{
	static const char zero[4096];

	qtest_write(device->qtest, device_desc(queue), zero, sizeof(zero));
	qtest_write(device->qtest, device_avail(queue), zero, sizeof(zero));
	qtest_write(device->qtest, device_used(queue), zero, sizeof(zero));
	device->avail[queue] = 0;
	device_write(device, VIRTIO_MMIO_QUEUE_SEL, queue);
	device_write(device, VIRTIO_MMIO_QUEUE_NUM, DEVICE_RING);
	device_write64(device, VIRTIO_MMIO_QUEUE_DESC_LOW, device_desc(queue));
	device_write64(device, VIRTIO_MMIO_QUEUE_AVAIL_LOW, device_avail(queue));
	device_write64(device, VIRTIO_MMIO_QUEUE_USED_LOW, device_used(queue));
	device_write(device, VIRTIO_MMIO_QUEUE_READY, 1);
}

void device_reset(struct device *device)
{
	device_write(device, VIRTIO_MMIO_STATUS, 0);
}

void device_start(struct device *device)
{
	u32 status = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;
	int i;

	device_reset(device);
	device_write(device, VIRTIO_MMIO_STATUS, status);
	device_take_features(device);
	status |= VIRTIO_CONFIG_S_FEATURES_OK;
	device_write(device, VIRTIO_MMIO_STATUS, status);
	for (i = 0; i < DEVICE_QUEUES; i++)
		device_set_queue(device, i);
	status |= VIRTIO_CONFIG_S_DRIVER_OK;
	device_write(device, VIRTIO_MMIO_STATUS, status);
}

bool device_is_broken(struct device *device)
{
	return device_read(device, VIRTIO_MMIO_STATUS) &
	       VIRTIO_CONFIG_S_NEEDS_RESET;
}

void device_put(struct device *device, u64 table, int i,
		const struct vring_desc *desc)
{
	struct vring_desc raw = {
		.addr = htole64(desc->addr),
		.len = htole32(desc->len),
		.flags = htole16(desc->flags),
		.next = htole16(desc->next),
	};

	qtest_write(device->qtest, table + i * sizeof(raw), &raw, sizeof(raw));
}

void device_notify(struct device *device, int queue)
{
	device_write(device, VIRTIO_MMIO_QUEUE_NOTIFY, queue);
}

void device_offer(struct device *device, int queue, u16 head)
{
	u64 ring = device_avail(queue) + 4;
	u16 i = device->avail[queue]++ % DEVICE_RING;
	u16 count = htole16(device->avail[queue]);

	head = htole16(head);
	qtest_write(device->qtest, ring + 2 * i, &head, 2);
	qtest_write(device->qtest, device_avail(queue) + 2, &count, 2);
	device_notify(device, queue);
}

u16 device_used_count(struct device *device, int queue)
{
	u16 count;

	qtest_read(device->qtest, device_used(queue) + 2, &count, 2);
	return le16toh(count);
}

u32 device_used_len(struct device *device, int queue)
{
	u16 last = device_used_count(device, queue) - 1;
	struct vring_used_elem elem;

	qtest_read(device->qtest,
		   device_used(queue) + 4 + last % DEVICE_RING * sizeof(elem),
		   &elem, sizeof(elem));
	return le32toh(elem.len);
}

void device_ask(struct device *device, u32 what, u32 argument,
		const void *data, size_t len, size_t room)
{
	struct virtio_kiln_request head = {
		.what = htole32(what),
		.argument = htole32(argument),
	};
	struct vring_desc out = {
		.addr = DEVICE_REQUEST,
		.len = sizeof(head) + len,
		.flags = VRING_DESC_F_NEXT,
		.next = 1,
	};
	struct vring_desc in = {
		.addr = DEVICE_REPLY,
		.len = sizeof(struct virtio_kiln_reply) + room,
		.flags = VRING_DESC_F_WRITE,
	};
	static const char none[64];

	qtest_write(device->qtest, DEVICE_REQUEST, &head, sizeof(head));
	if (data)
		qtest_write(device->qtest, DEVICE_REQUEST + sizeof(head), data,
			    len);
	qtest_write(device->qtest, DEVICE_REPLY, none, sizeof(none));
	device_put(device, device_desc(VIRTIO_KILN_REQUESTS), 0, &out);
	device_put(device, device_desc(VIRTIO_KILN_REQUESTS), 1, &in);
	device_offer(device, VIRTIO_KILN_REQUESTS, 0);
}

int device_status(struct device *device)
{
	struct virtio_kiln_reply reply;
	int queue = VIRTIO_KILN_REQUESTS;

	if (device_used_count(device, queue) != device->avail[queue])
		return -1;
	qtest_read(device->qtest, DEVICE_REPLY, &reply, sizeof(reply));
	return le32toh(reply.status);
}

bool device_echoes(struct device *device)
{
	static const char text[] = "echo";
	char got[sizeof(text)];

	device_ask(device, VIRTIO_KILN_ECHO, 0, text, sizeof(text),
		   sizeof(text));
	qtest_read(device->qtest,
		   DEVICE_REPLY + sizeof(struct virtio_kiln_reply), got,
		   sizeof(got));
	return device_status(device) == VIRTIO_KILN_OK &&
	       !memcmp(text, got, sizeof(text));
}
