/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * plan - the machine that the configuration asks for
 *
 * Parsed once from Kconfig's auto.conf.  Values that cannot be had are refused
 * here, each with a sentence; whoever composes QEMU's words, looks for the host's
 * files or runs the machine reads the plan and need not check it again.
 */
#ifndef VM_PLAN_H
#define VM_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/argv.h"
#include "lib/config.h"
#include "vm/args/catalog.h"
#include "vm/args/hostfiles.h"
#include "vm/args/processor.h"
#include "vm/foreign/foreign.h"

/* A port of the host that leads to one of the guest */
struct plan_forward {
	bool is_udp;
	unsigned int host;
	unsigned int guest;
};

struct plan_net {
	bool is_there;
	bool is_restricted; /* the guest reaches nothing */
	struct plan_forward *forward;
	size_t count;
};

struct plan_memory {
	long mib;
	long more; /* MiB that can be added while it runs; 0: none */
	long nodes; /* of NUMA; 0: it is not divided */
	bool is_huge; /* in the host's huge pages */
};

/* Where the guest has its root; the order is that of precedence. */
enum plan_root_kind {
	ROOT_SWITCH, /* in the initramfs, which goes on to a disk */
	ROOT_9P, /* in a folder of the host */
	ROOT_DISK,
	ROOT_CPIO, /* in an archive of the user's, loaded with the kernel */
	ROOT_INITRAMFS,
};

enum plan_root_bus {
	ROOT_VIRTIO_BLK,
	ROOT_VIRTIO_SCSI,
	ROOT_IDE,
};

struct plan_root {
	enum plan_root_kind kind;
	enum plan_root_bus bus; /* of its disk */
	const char *init; /* its first program; NULL: the menu names none */
	const char *disk; /* the file below the output directory; NULL: none */
	const char *device; /* the disk as the guest's kernel is to find it */
	const char *tree; /* the folder there, with many owners; NULL: none */
	bool is_init_wanted; /* for a command, too */
	const char *folder; /* of this machine, read-only; NULL: none */
	bool is_host; /* it is this machine's own system */
	bool is_user; /* commands run as the user who starts the machine */
	bool is_kept; /* what the guest writes */
	bool is_qcow2;
	bool has_kernel; /* and boots that one, not ours */
};

/* The lists of disks, in the order of their buses on the command line */
enum plan_disks {
	DISKS_VIRTIO,
	DISKS_SCSI,
	DISKS_NVME,
	DISKS_COUNT,
};

/* What the folders of the devices that are on add, sorted by their names */
struct plan_folders {
	struct argv words;
	struct argv append; /* the kernel's arguments */
	char *unsaved; /* why this machine cannot be saved; NULL: it can */
	char *single; /* why no other can run beside it; NULL: it can */
};

struct plan {
	const struct config *config; /* the texts below are parts of it */
	const char *dir; /* the output directory */
	const struct processor *processor;
	const struct foreign *foreign; /* the kernel; NULL: the lab's */
	const struct processor_machine *machine; /* its kind */
	char *qemu; /* the program: a name, or the path of the lab's own */
	const char *cpu; /* the model; "": the default */
	const char *append; /* further arguments of the kernel */
	struct argv more; /* further arguments of QEMU */
	long cpus;
	struct plan_memory memory;
	struct plan_net net;
	struct plan_root root;
	struct disks disks[DISKS_COUNT];
	struct shares shares;
	const char *virtiofsd; /* the program that serves them; NULL: 9p does */
	struct argv ports; /* their names */
	bool has_hvc; /* a second console */
	bool has_kmod; /* the folder where modules are built */
	struct plan_folders folders;
};

/*
 * Parse the configuration of the lab in dir, which must both outlive the plan, as must the
 * processor; the devices that it may have are those of the catalog.  With a foreign
 * kernel, which must outlive it too, the machine is one with PCI, whose devices most
 * kernels know, and has nothing of the lab's modules.  Returns 0, or -errno with a
 * sentence in *why; plan_fini() in both cases.
 */
int plan_init(struct plan *ret, const struct config *config, const char *dir,
	      const struct processor *processor, const struct catalog *catalog,
	      const struct foreign *foreign, char **why);
void plan_fini(struct plan *plan);

/* The plan with the lab's own kernel and kind of machine; what it has else is shared. */
struct plan plan_of_lab(const struct plan *plan);

/* Has the guest folders of the host from the start? */
bool plan_has_shares(const struct plan *plan);

#endif
