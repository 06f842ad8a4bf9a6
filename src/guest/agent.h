/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * agent - does in the guest what the host asks for, see frame.h
 */
#ifndef GUEST_AGENT_H
#define GUEST_AGENT_H

#include <stdbool.h>

/*
 * Speak over fd, which is made not to block.  Returns when the other end is
 * closed, but for a port: there the next host may come.  Its HELLO gives up what
 * was open, and not the closing before, for the bytes can overtake that.
 * Without a port this is no machine of ours, and neither its clock, its name nor
 * its power is touched.
 */
void agent_run(int fd, bool is_port);

#endif
