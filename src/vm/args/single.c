// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>

#include "lib/macros.h"
#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/args/single.h"

static bool is_disk_written(const struct disks *disks)
{
	size_t i;

	for (i = 0; i < disks->count; i++)
		if (disks->disk[i].is_kept && !disks->disk[i].is_read_only)
			return true;
	return false;
}

char *args_single(const struct plan *plan)
{
	size_t i;

	if (plan->root.is_kept)
		return xstrdup("ROOTFS_KEPT keeps what is written to the root");
	for (i = 0; i < ARRAY_SIZE(plan->disks); i++)
		if (is_disk_written(&plan->disks[i]))
			return str_printf("%s has a disk that keeps what is written to it",
					  plan->disks[i].symbol);
	if (plan->net.count)
		return str_printf("VM_NET_FORWARD leads port %u of this host to it",
				  plan->net.forward->host);
	return plan->folders.single ? xstrdup(plan->folders.single) : NULL;
}
