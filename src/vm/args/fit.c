// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "lib/str.h"
#include "lib/why.h"
#include "vm/args/args.h"
#include "vm/args/fit.h"

#define MIB 1048576

/* The kernel's tables that do not depend on its size, at least. */
#define FIT_TABLES_MIB 2

/* What a machine is given beyond the least, for its programs. */
#define FIT_SPARE_MIB 16

/*
 * The archive itself, and a tmpfs with room for its files.  That takes half of the
 * memory that is free while the archive is still there.  Each page of 4096 bytes
 * has a struct of 64, and KASAN takes an eighth.
 */
long fit_memory(unsigned long long kernel, unsigned long long initramfs,
		bool has_kasan)
{
	unsigned long long bytes = kernel + 3 * initramfs;
	long mib = bytes / MIB + 1 + FIT_TABLES_MIB;

	mib += mib / 63 + 1;
	return has_kasan ? mib + mib / 7 + 1 : mib;
}

/* How many bytes the segments of an ELF file take; of another file, its size. */
static unsigned long long fit_kernel_size(const char *path)
{
	unsigned long long size = 0;
	struct elf64_hdr head;
	struct elf64_phdr part;
	struct stat st;
	int fd, i;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, &head, sizeof(head)) == sizeof(head) &&
	    !memcmp(head.e_ident, ELFMAG, SELFMAG)) {
		for (i = 0; i < head.e_phnum; i++)
			if (pread(fd, &part, sizeof(part), head.e_phoff +
				  i * sizeof(part)) == sizeof(part) &&
			    part.p_type == PT_LOAD)
				size += part.p_memsz;
	} else if (!fstat(fd, &st)) {
		size = st.st_size;
	}
	close(fd);
	return size;
}

/* What the kernel of the plan takes in memory. */
static unsigned long long fit_kernel(const struct plan *plan)
{
	const struct foreign *foreign = plan->foreign;
	unsigned long long size;
	char *path;

	if (foreign)
		return foreign->memory ? foreign->memory :
					 fit_kernel_size(foreign->path);
	path = str_printf("%s/%s", plan->dir, args_kernel(plan));
	size = fit_kernel_size(path);
	free(path);
	return size;
}

static bool fit_has_kasan(const struct plan *plan)
{
	const struct foreign *foreign = plan->foreign;

	if (!foreign)
		return config_is_on(plan->config, "LINUX_KASAN");
	return foreign->config && config_is_on(foreign->config, "KASAN");
}

static int fit_check_initramfs(const struct plan *plan, char **why)
{
	char *archive = str_printf("%s/rootfs/initramfs.cpio", plan->dir);
	struct stat st;
	long least = 0;

	if (!stat(archive, &st))
		least = fit_memory(fit_kernel(plan), st.st_size,
				   fit_has_kasan(plan));
	free(archive);
	if (plan->memory.mib >= least)
		return 0;
	/* The user's archive may be compressed. */
	return why_set(why, -ENOSPC,
		       "the initramfs has %lld MiB, which a memory of %ld MiB (VM_MEMORY) cannot hold; it needs %s%ld",
		       (long long)st.st_size / MIB, plan->memory.mib,
		       plan->root.kind == ROOT_CPIO ? "at least " : "",
		       (least + FIT_SPARE_MIB + 15) / 16 * 16);
}

static int fit_check_host(const struct plan *plan, char **why)
{
	long mib = plan->memory.mib + plan->memory.more;
	struct sysinfo info;
	unsigned long long has;

	if (sysinfo(&info) < 0)
		return 0;
	has = ((unsigned long long)info.totalram + info.totalswap) *
	      info.mem_unit / MIB;
	if ((unsigned long long)mib <= has)
		return 0;
	return why_set(why, -ENOMEM,
		       "a machine with %ld MiB of memory (VM_MEMORY) does not fit into this one, which has %llu with its swap",
		       mib, has);
}

int fit_check(const struct plan *plan, char **why)
{
	int err = fit_check_initramfs(plan, why);

	return err ? err : fit_check_host(plan, why);
}
