// SPDX-License-Identifier: GPL-2.0-only
#include "vm/args/memory.h"

bool args_memory_is_one(const struct plan *plan)
{
	return !plan->memory.nodes &&
	       (plan->memory.is_huge || plan->virtiofsd);
}

static void add_object(struct argv *argv, const struct plan *plan,
		       const char *id, long mib)
{
	/* virtiofsd works in the guest's memory. */
	bool is_shared = plan->virtiofsd;
	bool is_huge = plan->memory.is_huge;

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

static void add_nodes(struct argv *argv, const struct plan *plan)
{
	long mib = plan->memory.mib, nodes = plan->memory.nodes;
	char id[32];
	long i, first, last;

	for (i = 0; i < nodes; i++) {
		/* Whole huge pages in each */
		snprintf(id, sizeof(id), "node%ld", i);
		add_object(argv, plan, id,
			   share(mib / 2, i, nodes) * 2 + (i ? 0 : mib % 2));
		first = plan->cpus * i / nodes;
		last = plan->cpus * (i + 1) / nodes - 1;
		argv_add(argv, "-numa");
		if (first <= last)
			argv_addf(argv, "node,nodeid=%ld,memdev=%s,cpus=%ld-%ld",
				  i, id, first, last);
		else
			argv_addf(argv, "node,nodeid=%ld,memdev=%s", i, id);
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

void args_memory(struct argv *argv, const struct plan *plan)
{
	const struct plan_memory *memory = &plan->memory;

	add_cpus(argv, plan->cpus, memory->nodes);
	argv_add(argv, "-m");
	if (memory->more)
		argv_addf(argv, "%ld,maxmem=%ldM", memory->mib,
			  memory->mib + memory->more);
	else
		argv_addf(argv, "%ld", memory->mib);

	if (memory->nodes)
		add_nodes(argv, plan);
	else if (args_memory_is_one(plan))
		add_object(argv, plan, "memory", memory->mib);
	if (!memory->more)
		return;
	add_object(argv, plan, "more-memory", memory->more);
	argv_add(argv, "-device");
	argv_add(argv, "virtio-mem-pci,id=more,memdev=more-memory,requested-size=0");
}

void args_memory_file(struct argv *argv, const struct plan *plan,
		      const char *path, bool is_saved)
{
	argv_add(argv, "-object");
	argv_addf(argv, "memory-backend-file,id=memory,size=%ldM,mem-path=%s,share=%s",
		  plan->memory.mib, path, is_saved ? "off" : "on");
	if (is_saved) {
		argv_add(argv, "-incoming");
		argv_add(argv, "defer");
	}
}
