// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "guest/folder.h"
#include "guest/fs.h"
#include "guest/port.h"
#include "guest/text.h"

#define NAME "org.kiln.agent\n"
#define PORTS "class/virtio-ports"
#define DRIVER "bus/virtio/drivers/virtio_console"

/* The host announces ports one by one, some ms after the boot. */
#define WAIT_MS 2000

/* Is this port the agent's? */
static bool port_is_ours(int folder, const char *name, const void *wanted)
{
	char path[300], content[sizeof(NAME)];
	struct text text = TEXT_IN(path);
	ssize_t n;
	int fd;

	(void)wanted;
	text_add(&text, name);
	text_add(&text, "/name");
	fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, content, sizeof(content));
	close(fd);
	return n == strlen(NAME) && !memcmp(content, NAME, n);
}

/* Append the name of the port's device to ret.  Returns 0 or -errno. */
static int port_find(struct text *ret)
{
	char bytes[300];
	struct text device = TEXT_IN(bytes);
	int err = -ENOENT;
	int sys, ms;

	sys = fs_mount("sysfs");
	if (sys < 0)
		return sys;
	for (ms = 0; err && ms < WAIT_MS; ms++) {
		if (folder_find(ret, sys, PORTS, "vport", port_is_ours, NULL))
			err = 0;
		else if (folder_find(&device, sys, DRIVER, "virtio", NULL,
				     NULL))
			poll(NULL, 0, 1);
		else
			break;
	}
	close(sys);
	return err;
}

int port_open(void)
{
	char device[300];
	struct text name = TEXT_IN(device);
	int dev, fd, err;

	err = port_find(&name);
	if (err < 0)
		return err;
	dev = fs_mount("devtmpfs");
	if (dev < 0)
		return dev;
	fd = openat(dev, device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	err = fd < 0 ? -errno : fd;
	close(dev);
	return err;
}
