// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the first stage makes of the kernel's command line and of a disk.
 */
#include <stdlib.h>
#include <string.h>

#include "guest/disk.h"
#include "guest/mounts.h"
#include "test/lib/tap.h"

static void test_taken(const char *value, enum mounts_mode mode,
		       const char *kind, const char *rest)
{
	struct mounts_order order = {};

	ok(mounts_parse(&order, value) && order.mode == mode, value);
	is_text(order.kind, kind, "... its type or tag");
	is_text(order.rest, rest, "... its source or folder");
}

static void test_refused(void)
{
	static const char *const values[] = {
		"", ",", ",,", "rw", "rw,", "rw,,", "rw,9p", "rw,9p,", "rw,,x",
		"ro;9p;x", "RW,9p,x", "rwx,9p,x", "overlay9p,x", " rw,9p,x",
		"rw,0123456789012345678901234567890123456789,x",
	};
	struct mounts_order order;
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(*values); i++)
		ok(!mounts_parse(&order, values[i]), values[i]);
}

/* A superblock at the end of its memory, for the sanitizer to see. */
static char *superblock(const char *label)
{
	char *block = calloc(1, DISK_SUPERBLOCK);
	int i;

	memcpy(block + 0x38, "\x53\xef", 2);
	for (i = 0; i < 16; i++)
		block[0x68 + i] = 0x10 * i + i;
	memcpy(block + 0x78, label, strlen(label));
	return block;
}

static void test_disk(void)
{
	char *named = superblock("rootfs");
	char *full = superblock("0123456789abcdef");
	char *bare = superblock("");

	ok(disk_has(named, "LABEL=rootfs"), "a disk with the label");
	ok(!disk_has(named, "LABEL=root"), "... not with part of it");
	ok(!disk_has(named, "LABEL=rootfs2"), "... nor with more");
	ok(disk_has(full, "LABEL=0123456789abcdef"), "the longest label");
	ok(!disk_has(full, "LABEL=0123456789abcdefg"), "... and none longer");
	ok(!disk_has(bare, "LABEL="), "no label is not wanted");
	ok(disk_has(bare, "UUID=00112233-4455-6677-8899-aabbccddeeff"),
	   "a disk with the UUID");
	ok(disk_has(bare, "UUID=00112233-4455-6677-8899-AABBCCDDEEFF"),
	   "... in capitals");
	ok(!disk_has(bare, "UUID=00112233"), "... not with part of it");
	ok(!disk_has(bare, "rootfs"), "what is neither is not found");
	named[0x38] = 0;
	ok(!disk_has(named, "LABEL=rootfs"), "what is no ext4 has none");
	free(named);
	free(full);
	free(bare);
}

int main(void)
{
	test_taken("rw,9p,root", MOUNTS_RW, "9p", "root");
	test_taken("ro,disk,LABEL=a,b", MOUNTS_RO, "disk", "LABEL=a,b");
	test_taken("overlay,9p,/", MOUNTS_OVERLAY, "9p", "/");
	test_refused();
	test_disk();
	return tap_done();
}
