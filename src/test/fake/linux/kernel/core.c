// SPDX-License-Identifier: GPL-2.0-only
#include <linux/fake.h>

void fake_core(void)
{
	fake_greet(FAKE_TIMES);
}
