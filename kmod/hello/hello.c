// SPDX-License-Identifier: GPL-2.0-only
/*
 * hello - greets whoever is named by its parameter
 *
 *	insmod hello.ko who=reader
 *	cat /sys/kernel/debug/hello/greeting
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/seq_file.h>

static char *who = "world";
module_param(who, charp, 0444);
MODULE_PARM_DESC(who, "whom to greet (default: world)");

static struct dentry *folder;

static int greeting_show(struct seq_file *file, void *unused)
{
	seq_printf(file, "Hello, %s!\n", who);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(greeting);

static int __init hello_init(void)
{
	/* Without debugfs the module still greets in the log. */
	folder = debugfs_create_dir("hello", NULL);
	debugfs_create_file("greeting", 0444, folder, NULL, &greeting_fops);

	pr_info("Hello, %s!\n", who);
	return 0;
}
module_init(hello_init);

static void __exit hello_exit(void)
{
	debugfs_remove(folder);
	pr_info("Goodbye, %s.\n", who);
}
module_exit(hello_exit);

MODULE_DESCRIPTION("Greets whoever is named by its parameter");
MODULE_AUTHOR("The kiln authors");
MODULE_LICENSE("GPL");
