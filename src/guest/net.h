/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net - brings the network up, without DHCP
 *
 * KILN_NET=ADDRESS,HOW says that the card with this hardware address is on QEMU's
 * user network, whose addresses are fixed.  HOW is `lost' if nothing is kept of what
 * the guest writes: then /etc/resolv.conf is replaced.  Else it is `kept', and a
 * file in memory is mounted over it.
 */
#ifndef GUEST_NET_H
#define GUEST_NET_H

#include <stdbool.h>

/*
 * Bring up the loopback device and the card that `order' tells, the value of
 * KILN_NET or "".  The kernel's log tells of cards on other networks.  If the root
 * has an init of its own, a card and a resolver which that sets up are its business.
 * Failures are ignored; the root must be mounted.
 */
void net_up(const char *order, bool has_init);

#endif
