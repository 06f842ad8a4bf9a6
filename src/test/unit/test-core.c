// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/frame.h"
#include "test/lib/tap.h"
#include "vm/qemu/vmcore.h"

/*
 * A dump of a machine with 32 pages of memory, whose page tables are in pages
 * 1 to 4.
 */
#define PAGES 32
#define PAGE 4096
#define FLAGS 0x63 /* present, among others */
#define PC "80 0 ffffffffff000 0"

static struct dump {
	struct elf64_hdr head;
	struct elf64_phdr headers[3];
	struct elf64_note note;
	char name[8];
	char processor[440];
	char memory[PAGES][PAGE];
} dump;

static char *path = (char []){ "/tmp/test-core.XXXXXX" };

static void set(int page, int entry, unsigned long long value)
{
	frame_put64(dump.memory[page] + 8 * entry, value);
}

static void set_register(int number, unsigned long long value)
{
	frame_put64(dump.processor + 392 + 8 * number, value);
}

/* Memory is in two segments, cut at page 16. */
static void begin(void)
{
	size_t at = offsetof(struct dump, memory);

	memset(&dump, 0, sizeof(dump));
	memcpy(dump.head.e_ident, ELFMAG, SELFMAG);
	dump.head.e_ident[EI_CLASS] = ELFCLASS64;
	dump.head.e_type = ET_CORE;
	dump.head.e_phoff = offsetof(struct dump, headers);
	dump.head.e_phentsize = sizeof(struct elf64_phdr);
	dump.head.e_phnum = 3;
	dump.headers[0] = (struct elf64_phdr) {
		.p_type = PT_NOTE,
		.p_offset = offsetof(struct dump, note),
		.p_filesz = sizeof(dump.note) + sizeof(dump.name) +
			    sizeof(dump.processor),
	};
	dump.headers[1] = (struct elf64_phdr) {
		.p_type = PT_LOAD,
		.p_offset = at,
		.p_filesz = 16 * PAGE,
	};
	dump.headers[2] = (struct elf64_phdr) {
		.p_type = PT_LOAD,
		.p_offset = at + 16 * PAGE,
		.p_paddr = 16 * PAGE,
		.p_filesz = 16 * PAGE,
	};
	dump.note = (struct elf64_note) { 5, sizeof(dump.processor), 0 };
	memcpy(dump.name, "QEMU", 5);
	set_register(0, 1ULL << 31);
	set_register(3, 1 * PAGE);

	set(1, 511, 2 * PAGE | FLAGS);
	set(2, 510, 3 * PAGE | FLAGS);
	set(3, 8, 4 * PAGE | FLAGS);
}

static int run_table(size_t size, const char *table)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	if (pwrite(fd, &dump, size, VMCORE_ROOM) != (ssize_t)size)
		abort();
	close(fd);
	return vmcore_map(path, table);
}

static int run(size_t size)
{
	return run_table(size, PC);
}

/* The header of this number in the file; returns how many there are. */
static int header(struct elf64_phdr *ret, int number)
{
	int fd = open(path, O_RDONLY);
	struct elf64_hdr head;

	/* crash takes them only if they are there. */
	if (read(fd, &head, sizeof(head)) != sizeof(head) ||
	    head.e_phoff != sizeof(head) ||
	    pread(fd, ret, sizeof(*ret), head.e_phoff +
		  number * sizeof(*ret)) != sizeof(*ret))
		abort();
	close(fd);
	return head.e_phnum;
}

static bool is_header(int number, unsigned long long address, int page,
		      int pages)
{
	struct elf64_phdr got;

	header(&got, number);
	return got.p_type == PT_LOAD && got.p_vaddr == address &&
	       got.p_paddr == (u64)page * PAGE &&
	       got.p_filesz == (u64)pages * PAGE &&
	       got.p_offset == VMCORE_ROOM + offsetof(struct dump, memory) +
			       page * PAGE;
}

static void test_pages(void)
{
	struct elf64_phdr got;
	int i;

	begin();
	for (i = 0; i < 3; i++)
		set(4, i, (8 + i) * PAGE | FLAGS);
	set(4, 3, 20 * PAGE | FLAGS);
	set(4, 5, 21 * PAGE | FLAGS);
	ok(run(sizeof(dump)) == 0, "a kernel with pages of its own");
	ok(header(&got, 0) == 4 && got.p_type == PT_NOTE, "the notes stay");
	ok(is_header(1, 0xffffffff81000000, 8, 3), "pages in a row are one");
	ok(is_header(2, 0xffffffff81003000, 20, 1), "others are by themselves");
	ok(is_header(3, 0xffffffff81005000, 21, 1), "so are those after a gap");
}

static void test_large(void)
{
	struct elf64_phdr got;

	begin();
	set(3, 8, 0x80 | FLAGS);
	ok(run(sizeof(dump)) == 0, "a page of 2 MiB");
	ok(header(&got, 0) == 3 &&
	   is_header(1, 0xffffffff81000000, 0, 16) &&
	   is_header(2, 0xffffffff81010000, 16, 16),
	   "... of which memory has less, in two parts");
}

static void test_shared(void)
{
	struct elf64_phdr got;
	int i;

	begin();
	for (i = 0; i < 512; i++) {
		set(1, i, 2 * PAGE | FLAGS);
		set(2, i, 3 * PAGE | FLAGS);
		set(3, i, 4 * PAGE | FLAGS);
		set(4, i, 9 * PAGE | FLAGS);
	}
	ok(run(sizeof(dump)) == 0 && header(&got, 0) == 2,
	   "KASAN's shadow, one page 2^36 times, is there once");

	for (i = 0; i < 512; i++)
		set(1, i, 1 * PAGE | FLAGS);
	ok(run(sizeof(dump)) == 0, "tables in a circle come to an end");
}

/* The kernel's own note, in page 24; its tables are in pages 1, 2 and 3. */
static void tell(const char *text)
{
	struct elf64_note note = { 11, strlen(text), 0 };

	memcpy(dump.memory[24], &note, sizeof(note));
	memcpy(dump.memory[24] + sizeof(note), "VMCOREINFO", 11);
	memcpy(dump.memory[24] + sizeof(note) + 12, text, strlen(text));
}

static void test_info(void)
{
	const char *const arm = "2 2 3fffffffff000 0 kimage_voffset";
	const char *const riscv = "e 0 3ffffffffffc00 2 va_kernel_pa_offset";
	struct elf64_phdr got;

	begin();
	set(1, 511, 2 * PAGE | 3);
	set(2, 510, 3 * PAGE | 3);
	set(2, 511, 1);
	set(3, 8, 9 * PAGE | 3);
	tell("PAGESIZE=4096\nSYMBOL(swapper_pg_dir)=ffff800080001000\n"
	     "NUMBER(VA_BITS)=52\nNUMBER(kimage_voffset)=0xffff800080000000\n"
	     "NUMBER(TCR_EL1_T1SZ)=0x19\n");
	ok(run_table(sizeof(dump), arm) == 0 && header(&got, 0) == 5,
	   "a kernel that tells where its tables are");
	ok(header(&got, 1) && got.p_type == PT_NOTE &&
	   got.p_offset == VMCORE_ROOM + offsetof(struct dump, memory[24]),
	   "... which debuggers see, too");
	ok(is_header(2, 0xffffffffffc08000, 9, 1), "... with a page");
	ok(is_header(3, 0xffffffffffe00000, 0, 16) &&
	   is_header(4, 0xffffffffffe10000, 16, 16), "... and a large one");

	begin();
	set(1, 511, 2 * PAGE >> 2 | 1);
	set(2, 510, 3 * PAGE >> 2 | 1);
	set(2, 511, 0xf);
	set(3, 8, 9 * PAGE >> 2 | 0xf);
	tell("PAGESIZE=4096\nSYMBOL(swapper_pg_dir)=ffffffff80001000\n"
	     "NUMBER(va_kernel_pa_offset)=0xffffffff80000000\nNUMBER(VA_BITS)=39\n");
	ok(run_table(sizeof(dump), riscv) == 0 && header(&got, 0) == 5 &&
	   is_header(2, 0xffffffffffc08000, 9, 1) &&
	   is_header(3, 0xffffffffffe00000, 0, 16),
	   "... on a processor with other entries");

	begin();
	ok(run_table(sizeof(dump), arm) == 0 && header(&got, 0) == 3 &&
	   header(&got, 1) && got.p_type == PT_LOAD && !got.p_vaddr,
	   "one that does not keeps the machine's addresses");
	tell("PAGESIZE=65536\nSYMBOL(swapper_pg_dir)=ffff800080001000\n");
	ok(run_table(sizeof(dump), arm) == 0 && header(&got, 0) == 4,
	   "so does one with larger pages");
	frame_put32(dump.memory[24] + 4, 65535);
	ok(run_table(sizeof(dump), arm) == 0 && header(&got, 0) == 3,
	   "a note that is longer than memory is none");
	ok(run_table(sizeof(dump), "") == -EINVAL, "nobody knows the tables");
}

static void test_bad(void)
{
	size_t i, errors = 0;

	begin();
	set_register(0, 0);
	ok(run(sizeof(dump)) == -ENOENT, "a machine without page tables yet");
	begin();
	set_register(3, 1ULL << 40);
	ok(run(sizeof(dump)) == 0, "tables outside of memory");
	begin();
	dump.headers[2].p_filesz = -1;
	ok(run(sizeof(dump)) == -EBADMSG, "a segment outside of the file");
	begin();
	dump.note.n_namesz = -1;
	ok(run(sizeof(dump)) == -EBADMSG, "a note that is too long");
	for (i = 0; i < offsetof(struct dump, memory); i += 8)
		errors += run(i) == -EBADMSG;
	ok(errors == i / 8, "a file that was cut off");
	ok(vmcore_map("/nonexistent", PC) == -ENOENT, "no file");
}

int main(void)
{
	close(mkstemp(path));
	test_pages();
	test_large();
	test_shared();
	test_info();
	test_bad();
	unlink(path);
	return tap_done();
}
