// SPDX-License-Identifier: GPL-2.0-only
#include "args-bus.h"

const char *args_bus(const struct config *config)
{
	return config_is_on(config, "VM_MICROVM") ? "device" : "pci";
}

void args_bus_9p(struct argv *argv, const struct config *config,
		 const char *tag, const char *path, const char *options)
{
	argv_add(argv, "-fsdev");
	/* One export may have several of the host's file systems. */
	argv_addf(argv, "local,id=%s,path=%s,multidevs=remap,%s", tag, path,
		  options);
	argv_add(argv, "-device");
	argv_addf(argv, "virtio-9p-%s,fsdev=%s,mount_tag=%s", args_bus(config),
		  tag, tag);
}
