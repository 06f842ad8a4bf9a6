// SPDX-License-Identifier: GPL-2.0-only
#include <linux/fake.h>

const char *fake_said;

void fake_greet(int times)
{
	while (times--)
		fake_said = CONFIG_FAKE_GREETING;
}
