// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/qemu/vmcore.h"
#include "vm/run/dump.h"

void dump_init(struct dump *dump, struct machine *machine, const char *dir)
{
	dump->machine = machine;
	dump->dir = dir;
	dump->path = NULL;
}

bool dump_is_on(const struct dump *dump)
{
	return dump->path;
}

/* QEMU writes to this file; the caller frees the path. */
static char *dump_half(const struct dump *dump)
{
	return str_printf("%s.tmp", dump->path);
}

int dump_begin(struct dump *dump, const char *path)
{
	char *half;
	int fd, err;

	if (dump->path)
		return -EBUSY;
	dump->path = *path ? xstrdup(path) : str_printf("%s/vmcore", dump->dir);
	half = dump_half(dump);
	fd = open(half, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || lseek(fd, VMCORE_ROOM, SEEK_SET) < 0)
		err = -errno;
	else
		err = machine_dump(dump->machine, fd);
	if (fd >= 0)
		close(fd);
	if (err < 0) {
		if (fd >= 0)
			unlink(half);
		free(dump->path);
		dump->path = NULL;
	}
	free(half);
	return err;
}

/* Give a complete dump its name; remove it after an error, which is returned. */
static int dump_end(struct dump *dump, int err)
{
	char *half = dump_half(dump);

	if (!err)
		err = vmcore_map(half, dump->machine->table);
	if (!err && rename(half, dump->path) < 0)
		err = -errno;
	if (err < 0)
		unlink(half);
	free(half);
	free(dump->path);
	dump->path = NULL;
	return err;
}

void dump_event(struct dump *dump)
{
	dump->done(dump, dump_end(dump, dump->machine->dump_err));
}

int dump_abort(struct dump *dump)
{
	return dump_end(dump, -EIO);
}
