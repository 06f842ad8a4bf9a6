/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef LINUX_FAKE_H
#define LINUX_FAKE_H

#define FAKE_TIMES 3

void fake_core(void);
void fake_greet(int times);
void fake_loud(void);

/* CONFIG_CC_VERSION_TEXT: another compiler compiles all again */

#endif
