// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/str.h"
#include "lib/types.h"
#include "lib/why.h"
#include "vm/foreign/elf.h"
#include "vm/foreign/image.h"
#include "vm/foreign/unpack.h"

/* Where a bzImage has what, see the kernel's Documentation/arch/x86/boot.rst */
#define SETUP_SECTORS 0x1f1
#define MAGIC 0x202
#define PROTOCOL 0x206
#define VERSION 0x20e /* the place of the text, less a sector */
#define FLAGS_64 0x236
#define PAYLOAD 0x248 /* behind the sectors */
#define PAYLOAD_SIZE 0x24c
#define INIT_SIZE 0x260

#define SECTOR 512

/* Where an Image has what, see Documentation/arch/{arm64/booting,riscv/boot-image-header}.rst */
#define BARE_SIZE 16 /* in memory */
#define BARE_MAGIC 56

/* These came with versions of the protocol: */
#define HAS_PAYLOAD 0x208
#define HAS_INIT_SIZE 0x20a
#define HAS_FLAGS_64 0x20c

#define RELEASE_MAX 64 /* of Linux, with the NUL */

int image_map(struct span *ret, const char *path)
{
	struct stat st;
	void *bytes;
	int fd, err = 0;

	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (S_ISDIR(st.st_mode))
		err = -EISDIR;
	else if (!S_ISREG(st.st_mode) || !st.st_size)
		err = -EINVAL;
	if (err < 0)
		goto out_close;
	bytes = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		err = -errno;
	else
		*ret = (struct span){ bytes, st.st_size };
out_close:
	close(fd);
	return err;
}

void image_unmap(struct span file)
{
	if (file.size)
		munmap((void *)file.bytes, file.size);
}

static unsigned int image_u16(struct span file, size_t at)
{
	u16 number = 0;

	span_read(&number, sizeof(number), file, at);
	return le16toh(number);
}

static unsigned int image_u32(struct span file, size_t at)
{
	u32 number = 0;

	span_read(&number, sizeof(number), file, at);
	return le32toh(number);
}

static u64 image_u64(struct span file, size_t at)
{
	u64 number = 0;

	span_read(&number, sizeof(number), file, at);
	return le64toh(number);
}

static bool image_is_bzimage(struct span file)
{
	char magic[4] = "";

	span_read(magic, sizeof(magic), file, MAGIC);
	return !memcmp(magic, "HdrS", sizeof(magic)) &&
	       (image_u16(file, PROTOCOL) < HAS_FLAGS_64 ||
		image_u16(file, FLAGS_64) & 1);
}

/* The compressed kernel; behind all but gzip's stands its size once more. */
static struct span image_payload(struct span file)
{
	unsigned char sectors = 0;
	struct span payload;

	if (image_u16(file, PROTOCOL) < HAS_PAYLOAD)
		return (struct span){};
	span_read(&sectors, sizeof(sectors), file, SETUP_SECTORS);
	if (!sectors)
		sectors = 4;
	payload = span_part(file, (sectors + 1) * SECTOR +
			    (u64)image_u32(file, PAYLOAD),
			    image_u32(file, PAYLOAD_SIZE));
	if (payload.size > sizeof(u32) && !unpack_is_gzip(payload))
		payload.size -= sizeof(u32);
	return payload;
}

/*
 * The word that a text begins with, or NULL if that is no release: it becomes part
 * of paths and of the kernel's command line.
 */
static char *image_word(struct span text)
{
	size_t n;

	for (n = 0; n < text.size && n < RELEASE_MAX; n++)
		if (!isalnum((unsigned char)text.bytes[n]) &&
		    (!text.bytes[n] || !strchr("._+~-", text.bytes[n])))
			break;
	if (!n || n == RELEASE_MAX || *text.bytes == '.')
		return NULL;
	return str_printf("%.*s", (int)n, text.bytes);
}

static void image_read_bzimage(struct image *image)
{
	struct span file = image->file, release = file;
	size_t at = image_u16(file, VERSION) + SECTOR;

	image->is_packed = true;
	if (image_u16(file, PROTOCOL) >= HAS_INIT_SIZE)
		image->memory = image_u32(file, INIT_SIZE);
	if (at > SECTOR && at < file.size) {
		release.bytes += at;
		release.size -= at;
		image->release = image_word(release);
	}
	/* What cannot be uncompressed can be started nevertheless. */
	if (unpack(&image->elf, image_payload(file)) < 0)
		image->elf = (struct span){};
	image->id = elf_note(image->elf, ELF_BUILD_ID);
}

static int image_read_vmlinux(struct image *image, const char *path, char **why)
{
	if (!elf_note(image->file, ELF_PVH_ENTRY).size)
		return why_set(why, -ENOEXEC,
			       "%s is a vmlinux without a PVH entry (CONFIG_PVH), which QEMU cannot start; give the bzImage of that kernel",
			       path);
	image->is_vmlinux = true;
	image->elf = image->file;
	image->release = image_word(elf_behind(image->elf, "Linux version "));
	return 0;
}

/* The magic of an Image is given in hex. */
static bool image_is_bare(struct span file, const char *magic)
{
	unsigned char bytes[4] = "";
	char hex[2 * sizeof(bytes) + 1];
	size_t i;

	span_read(bytes, sizeof(bytes), file, BARE_MAGIC);
	for (i = 0; i < sizeof(bytes); i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	return !strcmp(hex, magic);
}

/* The head of the note by which a linker tells the build, with 20 bytes behind it */
static const char id_note[] = "\4\0\0\0\24\0\0\0\3\0\0\0GNU";

static void image_read_bare(struct image *image)
{
	struct span file = image->file;
	const char *note = memmem(file.bytes, file.size, id_note,
				  sizeof(id_note));

	image->memory = image_u64(file, BARE_SIZE);
	image->release = image_word(span_behind(file, "Linux version "));
	if (note)
		image->id = span_part(file, note + sizeof(id_note) - file.bytes,
				      20);
}

struct span image_behind(const struct image *image, const char *text)
{
	return image->is_vmlinux || image->is_packed ?
		elf_behind(image->elf, text) : span_behind(image->file, text);
}

static int image_open_bare(struct image *image, const char *path,
			   const struct foreign_kind *kind, char **why)
{
	if (!image_is_bare(image->file, kind->magic))
		return why_set(why, -ENOEXEC, "%s is no Image for %s", path,
			       kind->name);
	image_read_bare(image);
	return 0;
}

int image_open(struct image *ret, const char *path,
	       const struct foreign_kind *kind, char **why)
{
	int err;

	*ret = (struct image){};
	err = image_map(&ret->file, path);
	if (err < 0 && err != -EINVAL)
		return why_set(why, err, "%s: %s", path, strerror(-err));
	if (*kind->magic)
		return image_open_bare(ret, path, kind, why);
	if (elf_is_ours(ret->file))
		return image_read_vmlinux(ret, path, why);
	if (!image_is_bzimage(ret->file))
		return why_set(why, -ENOEXEC,
			       "%s is neither a bzImage nor a vmlinux for x86-64",
			       path);
	image_read_bzimage(ret);
	return 0;
}

void image_close(struct image *image)
{
	free(image->release);
	if (image->is_packed)
		unpack_free(image->elf);
	image_unmap(image->file);
	*image = (struct image){};
}
