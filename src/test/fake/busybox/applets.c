// SPDX-License-Identifier: GPL-2.0-only
/* /bin/busybox */
/* /bin/login */
/* /bin/mkdir */
/* /bin/mount */
/* /bin/sh */
/* /bin/umount */
/* /bin/usleep */
/* /sbin/init */
/* /sbin/reboot */

int fake_applets = 9;

void _start(void)
{
#ifdef CONFIG_FAKE_EDITOR
	fake_applets++;
#endif
}
