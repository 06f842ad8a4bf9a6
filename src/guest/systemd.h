/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * systemd - asks systemd, over its own socket, without D-Bus's daemon
 */
#ifndef GUEST_SYSTEMD_H
#define GUEST_SYSTEMD_H

#include <stdbool.h>

/* Is basic.target active?  systemctl would need 0.2 s to tell it under TCG. */
bool systemd_is_basic(void);

#endif
