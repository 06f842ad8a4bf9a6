/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * virtio_kiln - the protocol between the device and its driver
 *
 * A device that processes the bytes it is given.  Queue 0 takes requests, queue 1
 * buffers for messages that the device sends on its own.  All numbers are little
 * endian: the device knows no others (VIRTIO_F_VERSION_1).
 *
 * A request is a chain of
 *
 *	readable	struct virtio_kiln_request, then the data
 *	writable	struct virtio_kiln_reply, then room for data
 *
 * cut into buffers in any way.  Where the status is not VIRTIO_KILN_OK, no data
 * follow the reply.  Replies may come in another order than the requests.
 *
 * This file is included by the device, by the driver and by programs.
 */
#ifndef VIRTIO_KILN_H
#define VIRTIO_KILN_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* The last number that PCI can carry: 0x1040 + 63; the specification gives it to nobody. */
#define VIRTIO_ID_KILN		63

#define VIRTIO_KILN_VERSION	1

/* Feature bits */
#define VIRTIO_KILN_F_EVENTS	0	/* there is queue 1 */
#define VIRTIO_KILN_F_DELAY	1	/* VIRTIO_KILN_DELAY is known */

/* Queues */
#define VIRTIO_KILN_REQUESTS	0
#define VIRTIO_KILN_EVENTS	1

struct virtio_kiln_config {
	__le32 version;		/* VIRTIO_KILN_VERSION */
	__le32 limit;		/* bytes of data in a request, at most */
	__le32 requests;	/* that were answered, since the machine's start */
	__le32 events;		/* that were sent */
};

/* What the device does with the data of a request */
#define VIRTIO_KILN_ECHO	0	/* sends them back */
#define VIRTIO_KILN_UPPER	1	/* the same, ASCII letters in upper case */
#define VIRTIO_KILN_CHECKSUM	2	/* value: their CRC-32, as in Ethernet and zlib */
#define VIRTIO_KILN_DELAY	3	/* as ECHO, but argument milliseconds later */
#define VIRTIO_KILN_STATS	4	/* sends struct virtio_kiln_stats */

#define VIRTIO_KILN_DELAY_MAX	60000	/* milliseconds */

struct virtio_kiln_request {
	__le32 what;		/* VIRTIO_KILN_ECHO, ... */
	__le32 argument;	/* of DELAY, else 0 */
};

#define VIRTIO_KILN_OK		0
#define VIRTIO_KILN_UNKNOWN	1	/* the device does not know what is asked */
#define VIRTIO_KILN_TOO_LONG	2	/* over the limit, or no room for the reply's data */
#define VIRTIO_KILN_INVALID	3	/* the argument cannot be */

struct virtio_kiln_reply {
	__le32 status;		/* VIRTIO_KILN_OK, ... */
	__le32 value;		/* of CHECKSUM, else 0 */
};

struct virtio_kiln_stats {
	__le64 requests;	/* that were answered */
	__le64 bytes;		/* of data in them */
	__le64 kicks;		/* of the queue of requests that arrived: several may be one */
	__le64 batches;		/* of replies; the driver is notified behind each, if it wants it */
};

/* A message in a buffer of queue 1 has no end but that of what is used. */
#define VIRTIO_KILN_EVENT_MAX	256

/* ioctl of /dev/kilnN: what write does with its data, VIRTIO_KILN_ECHO or _UPPER */
#define KILN_IOC_MODE		_IOW('K', 0x40, __u32)
/* Wait for the device that many milliseconds */
#define KILN_IOC_DELAY		_IOW('K', 0x41, __u32)
#define KILN_IOC_STATS		_IOR('K', 0x42, struct kiln_stats)
/* The checksum of data of the caller's */
#define KILN_IOC_CHECKSUM	_IOWR('K', 0x43, struct kiln_checksum)

struct kiln_stats {
	__u64 requests;
	__u64 bytes;
	__u64 kicks;
	__u64 batches;
};

struct kiln_checksum {
	__u64 data;		/* their address */
	__u32 len;
	__u32 sum;		/* the driver's answer */
};

#endif
