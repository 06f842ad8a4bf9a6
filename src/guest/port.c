// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fs.h"
#include "port.h"
#include "text.h"

#define NAME "org.kiln.agent\n"
#define PORTS "class/virtio-ports"
#define DRIVER "bus/virtio/drivers/virtio_console"

/* The host tells the kernel its ports one by one, some ms after the boot. */
#define WAIT_MS 2000

static ssize_t next_entries(int fd, void *to, size_t size)
{
	return syscall(SYS_getdents64, fd, to, size);
}

/* Is it ours? */
static bool is_ours(int folder, const char *name)
{
	char path[300], content[sizeof(NAME)];
	struct text text = TEXT_IN(path);
	ssize_t n;
	int fd;

	text_add(&text, name);
	text_add(&text, "/name");
	fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, content, sizeof(content));
	close(fd);
	return n == strlen(NAME) && !memcmp(content, NAME, n);
}

/*
 * Look in a folder for an entry with a name that begins like this and passes the
 * test, if there is one; its name goes to ret.  Not opendir(), which allocates.
 */
static bool find_entry(struct text *ret, int at, const char *folder,
		       const char *prefix,
		       bool (*test)(int folder, const char *name))
{
	union {
		struct dirent first;
		char bytes[1024];
	} entries;
	const struct dirent *entry;
	bool found = false;
	ssize_t n = 0, i;
	int fd;

	fd = openat(at, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while (!found && (n = next_entries(fd, &entries, sizeof(entries))) > 0) {
		for (i = 0; i < n && !found; i += entry->d_reclen) {
			entry = (const struct dirent *)(entries.bytes + i);
			found = !strncmp(entry->d_name, prefix, strlen(prefix)) &&
				(!test || test(fd, entry->d_name));
		}
	}
	if (found)
		text_add(ret, entry->d_name);
	close(fd);
	return found;
}

/* The name of the port's device.  Returns 0 or -errno. */
static int find_port(struct text *ret)
{
	char bytes[300];
	struct text device = TEXT_IN(bytes);
	int err = -ENOENT;
	int sys, ms;

	sys = fs_mount("sysfs");
	if (sys < 0)
		return sys;
	for (ms = 0; err && ms < WAIT_MS; ms++) {
		if (find_entry(ret, sys, PORTS, "vport", is_ours))
			err = 0;
		else if (find_entry(&device, sys, DRIVER, "virtio", NULL))
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

	err = find_port(&name);
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
