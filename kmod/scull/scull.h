/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * scull.h - the interface between programs and the driver scull
 */
#ifndef SCULL_H
#define SCULL_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Figures of a device, all of them bytes */
struct scull_info {
	__u64 size; /* to behind the last one */
	__u64 memory; /* what its contents take: holes take none */
	__u64 limit; /* of the size */
};

/* No number of 0xBC is listed in the kernel's ioctl-number.rst. */
#define SCULL_IOC_INFO _IOR(0xBC, 0, struct scull_info)

/*
 * Sets the size.  Data beyond it is dropped, and a grown part is a hole.
 * EBADF: the file is not open for writing, EFBIG: the limit is smaller,
 * EBUSY: the device would get smaller, and a program has mapped it.
 */
#define SCULL_IOC_RESIZE _IOW(0xBC, 1, __u64)

#endif
