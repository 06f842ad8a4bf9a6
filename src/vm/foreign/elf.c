// SPDX-License-Identifier: GPL-2.0-only
#include <linux/elf.h>

#include "vm/foreign/elf.h"

#define ALIGN4(size) (((size) + 3ULL) & ~3ULL)

static bool elf_read_head(struct elf64_hdr *ret, struct span file)
{
	return span_read(ret, sizeof(*ret), file, 0) &&
	       !memcmp(ret->e_ident, ELFMAG, SELFMAG) &&
	       ret->e_ident[EI_CLASS] == ELFCLASS64 &&
	       ret->e_ident[EI_DATA] == ELFDATA2LSB;
}

bool elf_is_ours(struct span file)
{
	struct elf64_hdr head;

	return elf_read_head(&head, file) && head.e_machine == EM_X86_64 &&
	       (head.e_type == ET_EXEC || head.e_type == ET_DYN);
}

/* The first segment from number *i on that is of this type; *i moves behind it. */
static struct span elf_segment(struct span file, unsigned int type, int *i)
{
	struct elf64_hdr head;
	struct elf64_phdr part;

	if (!elf_read_head(&head, file))
		return (struct span){};
	for (; *i < head.e_phnum; ++*i) {
		if (!span_read(&part, sizeof(part), file,
			       head.e_phoff + *i * sizeof(part)))
			break;
		if (part.p_type != type || !part.p_filesz)
			continue;
		++*i;
		return span_part(file, part.p_offset, part.p_filesz);
	}
	return (struct span){};
}

static struct span elf_note_in(struct span notes, const char *owner,
			       unsigned int type)
{
	struct elf64_note note;
	struct span name;
	size_t at = 0;

	while (span_read(&note, sizeof(note), notes, at)) {
		at += sizeof(note);
		name = span_part(notes, at, note.n_namesz);
		at += ALIGN4(note.n_namesz);
		if (note.n_type == type && name.size == strlen(owner) + 1 &&
		    !memcmp(name.bytes, owner, name.size))
			return span_part(notes, at, note.n_descsz);
		at += ALIGN4(note.n_descsz);
	}
	return (struct span){};
}

struct span elf_note(struct span file, const char *owner, unsigned int type)
{
	struct span notes, found;
	int i = 0;

	while ((notes = elf_segment(file, PT_NOTE, &i)).size) {
		found = elf_note_in(notes, owner, type);
		if (found.size)
			return found;
	}
	return (struct span){};
}

struct span elf_behind(struct span file, const char *text)
{
	struct span part, found;
	int i = 0;

	while ((part = elf_segment(file, PT_LOAD, &i)).size) {
		found = span_behind(part, text);
		if (found.bytes)
			return found;
	}
	return (struct span){};
}
