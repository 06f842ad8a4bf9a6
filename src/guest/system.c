// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <linux/reboot.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "guest/system.h"
#include "lib/frame.h"

int system_set_clock(u64 seconds, u32 nanoseconds)
{
	const struct timespec now = { .tv_sec = seconds, .tv_nsec = nanoseconds };

	return clock_settime(CLOCK_REALTIME, &now) < 0 ? -errno : 0;
}

int system_set_name(const char *name, u32 size)
{
	return sethostname(name, size) < 0 ? -errno : 0;
}

int system_add_entropy(const void *bytes, u32 size)
{
	static union {
		struct rand_pool_info info;
		char room[sizeof(struct rand_pool_info) + FRAME_MAX];
	} pool;
	int err = 0;
	int fd;

	fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	pool.info.entropy_count = size * 8;
	pool.info.buf_size = size;
	memcpy(pool.info.buf, bytes, size);
	if (ioctl(fd, RNDADDENTROPY, &pool) < 0)
		err = -errno;
	/* Otherwise the old key would stay in use for a while. */
	else if (ioctl(fd, RNDRESEEDCRNG) < 0 && errno != ENODATA)
		err = -errno;
	memset(pool.info.buf, 0, size);
	close(fd);
	return err;
}

bool system_can_end(u32 cmd)
{
	return cmd == LINUX_REBOOT_CMD_RESTART || cmd == LINUX_REBOOT_CMD_HALT ||
	       cmd == LINUX_REBOOT_CMD_POWER_OFF;
}

int system_end(u32 cmd)
{
	pid_t pid = fork();

	if (pid)
		return pid < 0 ? -errno : 0;
	sync();
	/* A read-only disk needs no repair later; a root in memory does not mind. */
	mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL);
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, cmd, NULL);
	_exit(1);
}
