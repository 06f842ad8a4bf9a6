// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "guest/disk.h"
#include "guest/folder.h"
#include "guest/fs.h"

/* Offsets and sizes in an ext4 superblock */
#define MAGIC 0x38
#define UUID 0x68
#define UUID_SIZE 16
#define LABEL 0x78
#define LABEL_SIZE 16

/* The kernel may still be probing SCSI and ATA disks when it starts us. */
#define WAIT_MS 5000
#define STEP_MS 10

static bool disk_has_uuid(const char *superblock, const char *wanted)
{
	static const char digits[] = "0123456789abcdef";
	char uuid[2 * UUID_SIZE + 5];
	char *to = uuid;
	unsigned char byte;
	int i;

	for (i = 0; i < UUID_SIZE; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		byte = superblock[UUID + i];
		*to++ = digits[byte >> 4];
		*to++ = digits[byte & 15];
	}
	*to = '\0';
	return !strcasecmp(uuid, wanted);
}

bool disk_has(const char *superblock, const char *wanted)
{
	if (memcmp(superblock + MAGIC, "\x53\xef", 2))
		return false;
	if (!strncmp(wanted, "UUID=", 5))
		return disk_has_uuid(superblock, wanted + 5);
	if (strncmp(wanted, "LABEL=", 6))
		return false;
	wanted += 6;
	return *wanted && strlen(wanted) <= LABEL_SIZE &&
	       !strncmp(superblock + LABEL, wanted, LABEL_SIZE);
}

static bool disk_is_wanted(int folder, const char *name, const void *wanted)
{
	char bytes[300], superblock[DISK_SUPERBLOCK];
	struct text path = TEXT_IN(bytes);
	ssize_t n;
	int fd;

	(void)folder;
	text_add(&path, "/dev/");
	text_add(&path, name);
	fd = open(bytes, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = pread(fd, superblock, sizeof(superblock), DISK_SUPERBLOCK_AT);
	close(fd);
	return n == sizeof(superblock) && disk_has(superblock, wanted);
}

static bool disk_look_for(struct text *ret, const char *wanted, int sys)
{
	char bytes[300];
	struct text name = TEXT_IN(bytes);

	if (!strncmp(wanted, "/dev/", 5)) {
		if (access(wanted, F_OK) < 0)
			return false;
		text_add(ret, wanted);
		return true;
	}
	if (!folder_find(&name, sys, "class/block", "", disk_is_wanted, wanted))
		return false;
	text_add(ret, "/dev/");
	text_add(ret, bytes);
	return true;
}

int disk_find(struct text *ret, const char *wanted)
{
	int sys = fs_mount("sysfs");
	int err = -ENOENT;
	int ms;

	for (ms = 0; err && ms < WAIT_MS; ms += STEP_MS) {
		if (disk_look_for(ret, wanted, sys))
			err = 0;
		else
			poll(NULL, 0, STEP_MS);
	}
	if (sys >= 0)
		close(sys);
	return err;
}
