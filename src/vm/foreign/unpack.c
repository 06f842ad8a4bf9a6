// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/macros.h"
#include "lib/proc.h"
#include "vm/foreign/unpack.h"

/* More than any kernel takes. */
#define UNPACK_MS 60000

static const struct {
	const char *magic;
	size_t size; /* of that */
	const char *program;
	const char *form; /* an option beside -dc; or NULL */
} ways[] = {
	{ "\x1f\x8b", 2, "gzip", NULL },
	{ "\xfd\x37zXZ\0", 6, "xz", NULL },
	{ "\x28\xb5\x2f\xfd", 4, "zstd", NULL },
	{ "BZh", 3, "bzip2", NULL },
	{ "\x5d\0\0", 3, "xz", "--format=lzma" },
	{ "\x02\x21\x4c\x18", 4, "lz4", NULL },
	{ "\x89LZO", 4, "lzop", NULL },
};

static bool unpack_begins(struct span packed, size_t way)
{
	return packed.size > ways[way].size &&
	       !memcmp(packed.bytes, ways[way].magic, ways[way].size);
}

bool unpack_is_gzip(struct span packed)
{
	return unpack_begins(packed, 0);
}

/* Run the program on files that have no name.  Returns 0 or -errno. */
static int unpack_run(const char *path, size_t way, const int *std)
{
	char *const argv[] = { (char *)ways[way].program, (char *)"-dc",
			       (char *)ways[way].form, NULL };
	const struct proc_spec spec = {
		.path = path,
		.argv = argv,
		.mask = &(sigset_t){},
		.death_signal = SIGKILL,
		.std = std,
	};
	struct proc proc;
	int err;

	err = proc_spawn(&proc, &spec);
	if (err < 0)
		return err;
	err = proc_wait(&proc, -1, proc_deadline(UNPACK_MS));
	if (err < 0)
		proc_kill(&proc);
	return err < 0 || !proc.status ? err : -EIO;
}

static int unpack_map(struct span *ret, int fd)
{
	struct stat st;
	void *bytes;

	if (fstat(fd, &st) < 0)
		return -errno;
	bytes = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	*ret = (struct span){ bytes, st.st_size };
	return 0;
}

static int unpack_by(struct span *ret, struct span packed, const char *path,
		     size_t way)
{
	int std[] = { memfd_create("packed", MFD_CLOEXEC),
		      memfd_create("unpacked", MFD_CLOEXEC), -1 };
	int err = 0;

	if (std[0] < 0 || std[1] < 0)
		err = -ENOMEM;
	if (!err)
		err = fd_write(std[0], packed.bytes, packed.size);
	if (!err && lseek(std[0], 0, SEEK_SET) < 0)
		err = -errno;
	if (!err)
		err = unpack_run(path, way, std);
	if (!err)
		err = unpack_map(ret, std[1]);
	if (std[0] >= 0)
		close(std[0]);
	if (std[1] >= 0)
		close(std[1]);
	return err;
}

int unpack(struct span *ret, struct span packed)
{
	char *path;
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(ways) && !unpack_begins(packed, i); i++)
		;
	if (i == ARRAY_SIZE(ways))
		return -EINVAL;
	err = proc_find(&path, ways[i].program);
	if (err < 0)
		return err;
	err = unpack_by(ret, packed, path, i);
	free(path);
	return err;
}

void unpack_free(struct span unpacked)
{
	if (unpacked.size)
		munmap((void *)unpacked.bytes, unpacked.size);
}
