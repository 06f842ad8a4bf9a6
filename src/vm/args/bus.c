// SPDX-License-Identifier: GPL-2.0-only
#include "vm/args/bus.h"

void args_bus_9p(struct argv *argv, const struct plan *plan, const char *tag,
		 const char *path, const char *options)
{
	argv_add(argv, "-fsdev");
	/* One export may have several of the host's file systems. */
	argv_addf(argv, "local,id=%s,path=%s,multidevs=remap,%s", tag, path,
		  options);
	argv_add(argv, "-device");
	argv_addf(argv, "virtio-9p-%s,fsdev=%s,mount_tag=%s", plan->machine->bus, tag,
		  tag);
}
