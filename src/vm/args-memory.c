// SPDX-License-Identifier: GPL-2.0-only
#include "args-memory.h"

/* As in the menu */
#define MIB_MAX 1048576
#define NODES_MAX 8
#define CPUS_MAX 64

/* An option from 0 to max; 0 where it is not there. */
static long number(const struct config *config, const char *name, long max)
{
	long n;

	if (config_number(config, name, &n) < 0 || n < 0)
		return 0;
	return n < max ? n : max;
}

bool args_memory_is_one(const struct config *config,
			const struct args_run *run)
{
	if (config_is_on(config, "VM_NUMA"))
		return false;
	return run->memory || config_is_on(config, "VM_HUGEPAGES") ||
	       config_is_on(config, "VM_VIRTIOFS");
}

static void add_object(struct argv *argv, const struct config *config,
		       const char *id, long mib)
{
	/* virtiofsd works in the guest's memory. */
	bool is_shared = config_is_on(config, "VM_VIRTIOFS");
	bool is_huge = config_is_on(config, "VM_HUGEPAGES");

	argv_add(argv, "-object");
	argv_addf(argv, "memory-backend-%s%s%s,id=%s,size=%ldM",
		  is_shared || is_huge ? "memfd" : "ram",
		  is_shared ? ",share=on" : "",
		  is_huge ? ",hugetlb=on,hugetlbsize=2M,prealloc=on" : "",
		  id, mib);
}

/* Share of n that part i of so many gets; they differ by 1 at most. */
static long share(long n, long i, long parts)
{
	return n * (i + 1) / parts - n * i / parts;
}

static void add_nodes(struct argv *argv, const struct config *config,
		      long memory, long nodes, long cpus)
{
	char id[32];
	long i, first, last;

	for (i = 0; i < nodes; i++) {
		/* Whole huge pages in each */
		snprintf(id, sizeof(id), "node%ld", i);
		add_object(argv, config, id, share(memory / 2, i, nodes) * 2 +
			   (i ? 0 : memory % 2));
		first = cpus * i / nodes;
		last = cpus * (i + 1) / nodes - 1;
		argv_add(argv, "-numa");
		if (first <= last)
			argv_addf(argv, "node,nodeid=%ld,memdev=%s,cpus=%ld-%ld",
				  i, id, first, last);
		else
			argv_addf(argv, "node,nodeid=%ld,memdev=%s", i, id);
	}
}

/* Its file is what is saved, or what a machine that was saved begins with. */
static void add_file(struct argv *argv, const struct args_run *run, long memory)
{
	argv_add(argv, "-object");
	argv_addf(argv, "memory-backend-file,id=memory,size=%ldM,mem-path=%s,share=%s",
		  memory, run->memory, run->is_saved ? "off" : "on");
	if (run->is_saved) {
		argv_add(argv, "-incoming");
		argv_add(argv, "defer");
	}
}

/* Linux expects the processors of one socket to be in one node. */
static void add_cpus(struct argv *argv, long cpus, long nodes)
{
	argv_add(argv, "-smp");
	if (nodes > 1)
		argv_addf(argv, "%ld,sockets=%ld", cpus,
			  cpus % nodes ? cpus : nodes);
	else
		argv_addf(argv, "%ld", cpus);
}

void args_memory(struct argv *argv, const struct config *config,
		 const struct args_run *run)
{
	long cpus = number(config, "VM_CPUS", CPUS_MAX);
	long memory = number(config, "VM_MEMORY", MIB_MAX);
	long more = number(config, "VM_MEMORY_MORE", MIB_MAX);
	long nodes = config_is_on(config, "VM_NUMA") ?
		number(config, "VM_NODES", NODES_MAX) : 0;

	add_cpus(argv, cpus, nodes);
	argv_add(argv, "-m");
	if (more)
		argv_addf(argv, "%ld,maxmem=%ldM", memory, memory + more);
	else
		argv_addf(argv, "%ld", memory);

	if (nodes)
		add_nodes(argv, config, memory, nodes, cpus);
	else if (run->memory)
		add_file(argv, run, memory);
	else if (args_memory_is_one(config, run))
		add_object(argv, config, "memory", memory);
	if (!more)
		return;
	add_object(argv, config, "more-memory", more);
	argv_add(argv, "-device");
	argv_add(argv, "virtio-mem-pci,id=more,memdev=more-memory,requested-size=0");
}
