/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * port - the virtio-serial port to the host
 */
#ifndef GUEST_PORT_H
#define GUEST_PORT_H

/*
 * Open the port named org.kiln.agent, whether /sys and /dev are mounted or not.  If
 * the machine has a virtio-serial device, wait for the port to show up.  Returns a
 * descriptor or -errno: -ENOENT if there is no such port.
 */
int port_open(void);

#endif
