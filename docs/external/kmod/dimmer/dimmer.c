// SPDX-License-Identifier: GPL-2.0-only
/*
 * dimmer - brightness of a lamp: a module parameter limited to a valid range
 *
 *	echo 700 >/sys/module/dimmer/parameters/level
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "lamp.h"

static int level;

static int level_set(const char *text, const struct kernel_param *param)
{
	int wanted, err;

	err = kstrtoint(text, 0, &wanted);
	if (err < 0)
		return err;
	level = clamp(wanted, 0, LAMP_MOST);
	return 0;
}

static const struct kernel_param_ops level_ops = {
	.set = level_set,
	.get = param_get_int,
};
module_param_cb(level, &level_ops, &level, 0644);
MODULE_PARM_DESC(level, "how bright the lamp is, from 0 to 100");

MODULE_DESCRIPTION("Dims a lamp");
MODULE_AUTHOR("The kiln authors");
MODULE_LICENSE("GPL");
