// SPDX-License-Identifier: GPL-2.0-only
#include <linux/fake.h>

void fake_loud(void)
{
	fake_greet(2 * FAKE_TIMES);
}
