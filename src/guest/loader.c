// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <limits.h>
#include <linux/elf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/loader.h"

/* Returns a descriptor, or -1. */
static int loader_open_in_path(const char *program)
{
	const char *folder = getenv("PATH");
	char path[PATH_MAX];
	size_t len;
	int fd = -1;

	while (fd < 0 && folder && *folder) {
		struct text text = TEXT_IN(path);

		len = strcspn(folder, ":");
		text_add_bytes(&text, folder, len);
		text_add(&text, "/");
		text_add(&text, program);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		folder += len + (folder[len] == ':');
	}
	return fd;
}

/* Put the path after "#!" at the start of the file into `to`. */
static bool loader_read_script(int fd, char *to, size_t room)
{
	ssize_t n = pread(fd, to, room - 1, 0);
	size_t begin, len;

	if (n < 2 || to[0] != '#' || to[1] != '!')
		return false;
	to[n] = '\0';
	begin = 2 + strspn(to + 2, " \t");
	len = strcspn(to + begin, " \t\r\n");
	memmove(to, to + begin, len);
	to[len] = '\0';
	return len;
}

/* Put the path in the segment PT_INTERP into `to`. */
static bool loader_read_elf(int fd, char *to, size_t room)
{
	struct elf64_hdr head;
	struct elf64_phdr part;
	ssize_t n;
	int i;

	if (pread(fd, &head, sizeof(head), 0) != sizeof(head) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) ||
	    head.e_ident[EI_CLASS] != ELFCLASS64)
		return false;
	for (i = 0; i < head.e_phnum; i++) {
		if (pread(fd, &part, sizeof(part),
			  head.e_phoff + i * sizeof(part)) != sizeof(part))
			return false;
		if (part.p_type != PT_INTERP || part.p_filesz >= room)
			continue;
		n = pread(fd, to, part.p_filesz, part.p_offset);
		if (n < 1)
			return false;
		to[n] = '\0';
		return true;
	}
	return false;
}

void loader_explain(const char *program, struct text *why)
{
	char loader[256];
	bool is_elf;
	int fd;

	fd = strchr(program, '/') ? open(program, O_RDONLY | O_CLOEXEC) :
				    loader_open_in_path(program);
	if (fd < 0)
		return;
	is_elf = loader_read_elf(fd, loader, sizeof(loader));
	if ((is_elf || loader_read_script(fd, loader, sizeof(loader))) &&
	    access(loader, F_OK) < 0) {
		text_add(why, program);
		text_add(why, is_elf ? ": this root lacks its loader " :
				       ": this root lacks its interpreter ");
		text_add(why, loader);
		text_add(why, is_elf ? "; link it with -static, or choose a root that has it" :
				       "; choose a root that has it");
	}
	close(fd);
}
