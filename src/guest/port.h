/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * port - the virtio-serial port at whose other end the host is
 */
#ifndef GUEST_PORT_H
#define GUEST_PORT_H

/*
 * Open the port named org.kiln.agent, whether /sys and /dev are mounted or not.
 * If the machine has a device for ports, wait for this one to show up.  Returns a
 * descriptor, or -errno: -ENOENT when there is none.
 */
int port_open(void);

#endif
