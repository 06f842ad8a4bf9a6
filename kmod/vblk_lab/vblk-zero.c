// SPDX-License-Identifier: GPL-2.0-only
/*
 * vblk-zero - has a range of a disk zeroed, without sending it the zeros
 *
 *	vblk-zero free DEVICE OFFSET LEN	its memory may go
 *	vblk-zero keep DEVICE OFFSET LEN	... must stay
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	int mode = FALLOC_FL_KEEP_SIZE;
	int fd;

	if (argc != 5)
		errx(2, "usage: vblk-zero free|keep DEVICE OFFSET LEN");
	if (strcmp(argv[1], "free"))
		mode |= FALLOC_FL_ZERO_RANGE;
	else
		mode |= FALLOC_FL_PUNCH_HOLE;
	fd = open(argv[2], O_RDWR);
	if (fd < 0)
		err(1, "open %s", argv[2]);
	if (fallocate(fd, mode, strtoll(argv[3], NULL, 0), strtoll(argv[4], NULL, 0)))
		err(1, "fallocate %s", argv[2]);
	return 0;
}
