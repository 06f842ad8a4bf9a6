// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/elf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/frame.h"
#include "lib/str.h"
#include "vm/qemu/vmcore.h"

#define PAGE 4096ULL
#define ENTRIES 512

/* Of an entry in a page table, and where memory can be */
#define PRESENT 1
#define ADDRESS 0x000ffffffffff000ULL

/* Of the control registers */
#define CR0_PG 0x80000000ULL
#define CR3_ADDRESS ADDRESS
#define CR4_LA57 0x1000ULL

/* Where QEMU's note on a processor has them */
#define NOTE_CR 392
#define NOTE_CRS 5

/* Of the kernel's own note, which begins a page of its memory */
#define INFO_NAME "VMCOREINFO"
#define INFO_HEAD (sizeof(struct elf64_note) + sizeof(INFO_NAME) + 1)
#define INFO_MAX 65536

#define HEADERS_MAX 65000 /* ELF has another way for more, which few read */

static_assert(sizeof(struct elf64_hdr) +
	      HEADERS_MAX * sizeof(struct elf64_phdr) <= VMCORE_ROOM,
	      "all headers have room");

/* What args/processor.h has for the key table */
struct vmcore_table {
	u64 mask; /* of an entry that leads to another table, */
	u64 value; /* what these bits are */
	u64 address; /* the bits of the address, */
	int shift; /* and how far they are from their place */
	char offset[32]; /* the kernel's word for where it is in memory; "": none */
};

struct vmcore {
	struct vmcore_table table;
	char *bytes;
	size_t size;
	struct elf64_hdr head;
	struct elf64_phdr *old; /* the dump's segments */
	struct elf64_phdr *new; /* what takes their place */
	size_t count;
	u64 from; /* the mapping that grows: its address, */
	u64 to; /* where in memory it is, */
	u64 length;
	unsigned char *seen; /* a bit for each page that was read as a table */
	u64 pages;
	int err;
};

/* The segment that memory at this address is in, or NULL. */
static const struct elf64_phdr *
vmcore_find_segment(const struct vmcore *core, u64 address)
{
	int i;

	for (i = 0; i < core->head.e_phnum; i++)
		if (core->old[i].p_type == PT_LOAD &&
		    address >= core->old[i].p_paddr &&
		    address - core->old[i].p_paddr < core->old[i].p_filesz)
			return &core->old[i];
	return NULL;
}

static void vmcore_add_header(struct vmcore *core,
			      const struct elf64_phdr *header)
{
	if (core->count == HEADERS_MAX)
		core->err = -E2BIG;
	else
		core->new[core->count++] = *header;
}

/* The mapping does not grow any more: add what the dump has of it. */
static void vmcore_end_mapping(struct vmcore *core)
{
	const struct elf64_phdr *old;
	u64 part;

	for (; core->length; core->length -= part) {
		old = vmcore_find_segment(core, core->to);
		part = old ? old->p_paddr + old->p_filesz - core->to : PAGE;
		if (part > core->length)
			part = core->length;
		if (old)
			vmcore_add_header(core, &(struct elf64_phdr){
				.p_type = PT_LOAD,
				.p_flags = PF_R | PF_W | PF_X,
				.p_offset = old->p_offset + core->to -
					    old->p_paddr,
				.p_vaddr = core->from,
				.p_paddr = core->to,
				.p_filesz = part,
				.p_memsz = part,
			});
		core->from += part;
		core->to += part;
	}
}

static void vmcore_add_mapping(struct vmcore *core, u64 from, u64 to,
			       u64 length)
{
	/* The same page again and again is that of KASAN for good memory. */
	if (to == core->to && length == core->length)
		return;
	if (from != core->from + core->length ||
	    to != core->to + core->length) {
		vmcore_end_mapping(core);
		core->from = from;
		core->to = to;
	}
	core->length += length;
}

/* Many entries may lead to one table, or in a circle. */
static bool vmcore_see(struct vmcore *core, u64 address)
{
	u64 page = address / PAGE;
	bool is_new;

	if (page >= core->pages)
		return false;
	is_new = !(core->seen[page / 8] & (1 << page % 8));
	core->seen[page / 8] |= 1 << page % 8;
	return is_new;
}

/* Does an entry lead to another table, where it need not be a page's? */
static bool vmcore_is_table(const struct vmcore *core, u64 entry)
{
	return (entry & core->table.mask) == core->table.value;
}

/* Go through a table; level 0 has entries for pages, first is where we begin. */
static void vmcore_walk(struct vmcore *core, u64 address, int level, u64 from,
			int first)
{
	const struct elf64_phdr *in = vmcore_find_segment(core, address);
	u64 size = PAGE << 9 * level;
	const char *table;
	u64 entry, to;
	int i;

	if (!in || in->p_paddr + in->p_filesz - address < PAGE ||
	    !vmcore_see(core, address))
		return;
	table = core->bytes + in->p_offset + (address - in->p_paddr);
	for (i = first; i < ENTRIES && !core->err; i++) {
		entry = frame_get64(table + 8 * i);
		if (!(entry & PRESENT))
			continue;
		to = (entry & core->table.address) << core->table.shift;
		if (!level || (level < 3 && !vmcore_is_table(core, entry)))
			vmcore_add_mapping(core, from + i * size,
					   to & ~(size - 1), size);
		else
			vmcore_walk(core, to, level - 1, from + i * size, 0);
	}
}

/* The control registers in QEMU's own note on the first processor. */
static const char *vmcore_find_registers(const struct vmcore *core,
					 const struct elf64_phdr *notes)
{
	const char *at = core->bytes + notes->p_offset;
	const char *end = at + notes->p_filesz;
	struct elf64_note note;
	size_t name, desc;

	while ((size_t)(end - at) >= sizeof(note)) {
		memcpy(&note, at, sizeof(note));
		at += sizeof(note);
		name = (note.n_namesz + 3ULL) & ~3ULL;
		desc = (note.n_descsz + 3ULL) & ~3ULL;
		if (name + desc > (size_t)(end - at))
			break;
		if (note.n_namesz == 5 && !memcmp(at, "QEMU", 5) &&
		    desc >= NOTE_CR + 8 * NOTE_CRS)
			return at + name + NOTE_CR;
		at += name + desc;
	}
	return NULL;
}

/* The kernel's half of what the processor sees, which is in its registers. */
static int vmcore_walk_registers(struct vmcore *core, const char *registers)
{
	u64 cr[NOTE_CRS];
	int i, levels;

	if (!registers)
		return -EBADMSG;
	for (i = 0; i < NOTE_CRS; i++)
		cr[i] = frame_get64(registers + 8 * i);
	if (!(cr[0] & CR0_PG))
		return -ENOENT;

	levels = cr[4] & CR4_LA57 ? 5 : 4;
	vmcore_walk(core, cr[3] & CR3_ADDRESS, levels - 1,
		    ~0ULL << (12 + 9 * levels), ENTRIES / 2);
	return 0;
}

/* The size of the kernel's note, if that is at this place of a segment; else 0. */
static u64 vmcore_info_size(const char *at, u64 rest)
{
	struct elf64_note note;

	if (rest < INFO_HEAD)
		return 0;
	memcpy(&note, at, sizeof(note));
	if (note.n_namesz != sizeof(INFO_NAME) || note.n_type ||
	    memcmp(at + sizeof(note), INFO_NAME, sizeof(INFO_NAME)) ||
	    note.n_descsz > INFO_MAX || note.n_descsz > rest - INFO_HEAD)
		return 0;
	return INFO_HEAD + note.n_descsz;
}

/* Add the kernel's note to the headers.  Returns its text, the caller's, or NULL. */
static char *vmcore_add_info(struct vmcore *core)
{
	const struct elf64_phdr *in;
	u64 at, size;

	for (in = core->old; in < core->old + core->head.e_phnum; in++) {
		if (in->p_type != PT_LOAD)
			continue;
		for (at = 0; at < in->p_filesz; at += PAGE) {
			size = vmcore_info_size(core->bytes + in->p_offset + at,
						in->p_filesz - at);
			if (!size)
				continue;
			vmcore_add_header(core, &(struct elf64_phdr){
				.p_type = PT_NOTE,
				.p_offset = in->p_offset + at,
				.p_filesz = size,
			});
			return str_printf("%.*s", (int)(size - INFO_HEAD),
					  core->bytes + in->p_offset + at +
					  INFO_HEAD);
		}
	}
	return NULL;
}

/* The number in the line `KIND(NAME)=NUMBER' of the kernel's note; 0: there is none. */
static u64 vmcore_info(const char *info, const char *kind, const char *name)
{
	size_t kind_len = strlen(kind), name_len = strlen(name);
	const char *at;

	for (at = info; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, kind, kind_len) && at[kind_len] == '(' &&
		    !strncmp(at + kind_len + 1, name, name_len) &&
		    !strncmp(at + kind_len + 1 + name_len, ")=", 2))
			return strtoull(at + kind_len + name_len + 3, NULL,
					strcmp(kind, "SYMBOL") ? 0 : 16);
	}
	return 0;
}

/*
 * What the kernel tells of its tables in its own note.  Without one, or with pages of
 * another size, the dump keeps the machine's addresses alone.
 */
static void vmcore_walk_info(struct vmcore *core)
{
	char *info = vmcore_add_info(core);
	u64 bits, root, hidden;

	if (!info)
		return;
	root = vmcore_info(info, "SYMBOL", "swapper_pg_dir") -
	       vmcore_info(info, "NUMBER", core->table.offset);
	/* Some can have more bits than this processor takes. */
	hidden = vmcore_info(info, "NUMBER", "TCR_EL1_T1SZ");
	bits = hidden ? 64 - hidden : vmcore_info(info, "NUMBER", "VA_BITS");
	if (strstr(info, "PAGESIZE=4096\n") && bits >= 39 && bits <= 57)
		vmcore_walk(core, root & ADDRESS, (bits - 12 + 8) / 9 - 1,
			    ~0ULL << bits, 0);
	free(info);
}

/* Memory as the machine knows it, if nothing tells how the kernel does. */
static void vmcore_keep_memory(struct vmcore *core)
{
	size_t i;

	for (i = 0; i < core->count; i++)
		if (core->new[i].p_type == PT_LOAD)
			return;
	for (i = 0; i < core->head.e_phnum; i++)
		if (core->old[i].p_type == PT_LOAD)
			vmcore_add_header(core, &core->old[i]);
}

static int vmcore_walk_all(struct vmcore *core)
{
	const char *registers = NULL;
	int i, err = 0;

	for (i = 0; i < core->head.e_phnum; i++) {
		if (core->old[i].p_type != PT_NOTE)
			continue;
		vmcore_add_header(core, &core->old[i]);
		if (!registers)
			registers = vmcore_find_registers(core, &core->old[i]);
	}
	if (*core->table.offset)
		vmcore_walk_info(core);
	else
		err = vmcore_walk_registers(core, registers);
	vmcore_end_mapping(core);
	if (!err)
		vmcore_keep_memory(core);
	return err ? err : core->err;
}

/* Are all segments in the file, and where memory can be? */
static int vmcore_check(struct vmcore *core)
{
	struct elf64_hdr *head = &core->head;
	u64 end;
	int i;

	if (core->size < sizeof(*head))
		return -EBADMSG;
	memcpy(head, core->bytes, sizeof(*head));
	if (memcmp(head->e_ident, ELFMAG, SELFMAG) ||
	    head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_type != ET_CORE ||
	    head->e_phentsize != sizeof(struct elf64_phdr) ||
	    head->e_phoff > core->size ||
	    head->e_phnum > (core->size - head->e_phoff) / sizeof(struct elf64_phdr))
		return -EBADMSG;

	core->old = calloc(head->e_phnum + 1, sizeof(struct elf64_phdr));
	core->new = calloc(HEADERS_MAX, sizeof(struct elf64_phdr));
	if (!core->old || !core->new)
		return -ENOMEM;
	memcpy(core->old, core->bytes + head->e_phoff,
	       head->e_phnum * sizeof(struct elf64_phdr));
	for (i = 0; i < head->e_phnum; i++) {
		if (core->old[i].p_offset > core->size ||
		    core->old[i].p_filesz >
		    core->size - core->old[i].p_offset ||
		    core->old[i].p_paddr > ADDRESS)
			return -EBADMSG;
		end = core->old[i].p_paddr + core->old[i].p_filesz;
		if (core->old[i].p_type == PT_LOAD && end / PAGE > core->pages)
			core->pages = end / PAGE;
	}
	core->seen = calloc(core->pages / 8 + 1, 1);
	return core->seen ? 0 : -ENOMEM;
}

static int vmcore_write_at(int fd, const void *bytes, size_t count, off_t where)
{
	ssize_t n;

	n = pwrite(fd, bytes, count, where);
	if (n < 0)
		return -errno;
	return (size_t)n == count ? 0 : -ENOSPC;
}

/* The head comes last: without it the file is no dump. */
static int vmcore_write_headers(struct vmcore *core, int fd)
{
	struct elf64_hdr *head = &core->head;
	size_t i;
	int err;

	for (i = 0; i < core->count; i++)
		core->new[i].p_offset += VMCORE_ROOM;
	err = vmcore_write_at(fd, core->new,
			      core->count * sizeof(struct elf64_phdr),
			      sizeof(*head));
	if (err < 0)
		return err;
	head->e_phoff = sizeof(*head);
	head->e_phnum = core->count;
	head->e_shoff = 0;
	head->e_shnum = 0;
	head->e_shstrndx = 0;
	return vmcore_write_at(fd, head, sizeof(*head), 0);
}

int vmcore_map(const char *path, const char *table)
{
	struct vmcore core = {};
	int fd, err = -EBADMSG;
	struct stat st;

	if (sscanf(table, "%lx %lx %lx %d %31s", &core.table.mask,
		   &core.table.value, &core.table.address, &core.table.shift,
		   core.table.offset) < 4)
		return -EINVAL;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || st.st_size <= VMCORE_ROOM)
		goto out_close;
	core.size = st.st_size - VMCORE_ROOM;
	core.bytes = mmap(NULL, core.size, PROT_READ, MAP_SHARED, fd,
			  VMCORE_ROOM);
	if (core.bytes == MAP_FAILED) {
		err = -errno;
		goto out_close;
	}

	err = vmcore_check(&core);
	if (!err)
		err = vmcore_walk_all(&core);
	if (!err)
		err = vmcore_write_headers(&core, fd);

	munmap(core.bytes, core.size);
	free(core.seen);
	free(core.new);
	free(core.old);
out_close:
	close(fd);
	return err;
}
