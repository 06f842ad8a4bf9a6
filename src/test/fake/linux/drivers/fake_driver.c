// SPDX-License-Identifier: GPL-2.0-only
#include <linux/fake.h>

void fake_driver(void)
{
	fake_greet(FAKE_TIMES);
}
