// SPDX-License-Identifier: GPL-2.0-only
#include <linux/fake.h>

void _start(void)
{
	fake_core();
#ifdef CONFIG_FAKE_LOUD
	fake_loud();
#endif
}
