/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kiln - the device virtio-kiln, as QEMU's other sources see it
 *
 * virtio_kiln.h tells what it does.
 */
#ifndef KILN_H
#define KILN_H

#include "hw/virtio/virtio.h"
#include "qemu/queue.h"

#include "virtio_kiln.h"

#define TYPE_VIRTIO_KILN "virtio-kiln-device"
OBJECT_DECLARE_SIMPLE_TYPE(VirtIOKiln, VIRTIO_KILN)

/* Messages that wait for a buffer of the driver's */
#define KILN_MESSAGES_MAX 16

typedef struct KilnRequest KilnRequest;

struct VirtIOKiln {
	VirtIODevice parent_obj;

	VirtQueue *requests;
	VirtQueue *events; /* NULL without VIRTIO_KILN_F_EVENTS */

	uint64_t features; /* as the properties have it */
	uint32_t limit;

	uint8_t *data; /* of the request at hand; limit bytes */

	QTAILQ_HEAD(, KilnRequest) delayed; /* the earliest first */
	QEMUTimer *timer; /* for the first of them */
	GQueue messages; /* of GBytes */

	uint64_t answered;
	uint64_t bytes;
	uint64_t kicks;
	uint64_t batches;
	uint64_t sent; /* events */
};

/*
 * QEMU's own interfaces, where versions differ: in newer ones properties end without a
 * mark and are constant, and so are the data of a class.
 */
#ifdef DEFINE_PROP_END_OF_LIST
#define KILN_PROPERTY Property
#define KILN_PROPERTIES_END DEFINE_PROP_END_OF_LIST()
#else
#define KILN_PROPERTY const Property
#define KILN_PROPERTIES_END
#endif
#if QEMU_VERSION_MAJOR > 10 || (QEMU_VERSION_MAJOR == 10 && QEMU_VERSION_MINOR > 0)
#define KILN_CLASS_DATA const void *
#else
#define KILN_CLASS_DATA void *
#endif

#endif
