/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * agent - serves the host's requests in the guest; frame.h has the protocol
 */
#ifndef GUEST_AGENT_H
#define GUEST_AGENT_H

#include <stdbool.h>

/*
 * Serve requests over fd, which becomes non-blocking.  Returns when the other end is
 * closed, unless fd is a port: there the next host may connect.  Its HELLO, not the
 * closing before, ends the old streams, because bytes can overtake the closing.
 * Without a port this is not a machine of ours, and its clock, name and power are
 * left alone.
 */
void agent_run(int fd, bool is_port);

#endif
