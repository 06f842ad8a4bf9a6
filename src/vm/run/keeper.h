/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * keeper - a process in the background that makes a spare machine and keeps it
 *
 * The machine goes on from the saved state, gets its brief and runs one command: that
 * warms what QEMU has translated.  Then its processors stand still.  The keeper has nothing
 * of whom it was started by, neither descriptors nor a terminal nor a session, and ends
 * after VM_SPARES_SECONDS.  Who takes the machine gets all its descriptors; the keeper
 * stays QEMU's parent, ends it if the other one goes away, and tells how it has ended.
 */
#ifndef VM_KEEPER_H
#define VM_KEEPER_H

#include "vm/run/launch.h"

/*
 * Have as many spares of this machine as the menu asks for, and none of another one.  They
 * are made in the background.  What goes wrong is not said: the next run does without.
 */
void keeper_refill(const struct launch_spec *spec);

#endif
