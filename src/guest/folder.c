// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/folder.h"

static ssize_t folder_next_entries(int fd, void *to, size_t size)
{
	return syscall(SYS_getdents64, fd, to, size);
}

bool folder_find(struct text *ret, int at, const char *folder,
		 const char *prefix, folder_test *test, const void *wanted)
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
	while (!found &&
	       (n = folder_next_entries(fd, &entries, sizeof(entries))) > 0) {
		for (i = 0; i < n && !found; i += entry->d_reclen) {
			entry = (const struct dirent *)(entries.bytes + i);
			found = !strncmp(entry->d_name, prefix, strlen(prefix)) &&
				(!test || test(fd, entry->d_name, wanted));
		}
	}
	if (found)
		text_add(ret, entry->d_name);
	close(fd);
	return found;
}
