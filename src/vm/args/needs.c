// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/macros.h"
#include "lib/why.h"
#include "lib/xmalloc.h"
#include "vm/args/needs.h"

static bool has_modules(const struct plan *plan)
{
	return plan->foreign && plan->foreign->modules;
}

static bool has_9p(const struct plan *plan)
{
	return plan->root.kind == ROOT_9P ||
	       (plan->shares.count && !plan->virtiofsd) ||
	       has_modules(plan);
}

static bool has_virtiofs(const struct plan *plan)
{
	return plan->shares.count && plan->virtiofsd;
}

static bool has_overlay(const struct plan *plan)
{
	return plan->root.kind == ROOT_9P && !plan->root.is_kept;
}

static bool has_virtio_blk(const struct plan *plan)
{
	return plan->root.disk && plan->root.bus == ROOT_VIRTIO_BLK;
}

static bool has_virtio_scsi(const struct plan *plan)
{
	return plan->root.disk && plan->root.bus == ROOT_VIRTIO_SCSI;
}

static bool has_ide(const struct plan *plan)
{
	return plan->root.disk && plan->root.bus == ROOT_IDE;
}

static bool has_sd(const struct plan *plan)
{
	return has_virtio_scsi(plan) || has_ide(plan);
}

static const struct {
	const char *symbol; /* in small letters: what the processor has for this key */
	bool (*is_needed)(const struct plan *plan); /* NULL: always */
} needs[] = {
	/* The first stage is a program in an archive, ... */
	{ "symbol", NULL },
	{ "BLK_DEV_INITRD", NULL },
	{ "BINFMT_ELF", NULL },
	{ "BINFMT_SCRIPT", NULL },
	/* ... mounts these, */
	{ "DEVTMPFS", NULL },
	{ "PROC_FS", NULL },
	{ "SYSFS", NULL },
	{ "TMPFS", NULL },
	/* and is the agent, behind a port on the bus. */
	{ "PCI", NULL },
	{ "pci_symbol", NULL },
	{ "VIRTIO_PCI", NULL },
	{ "VIRTIO_CONSOLE", NULL },
	{ "UNIX98_PTYS", NULL },
	{ "SIGNALFD", NULL },
	/* What the kernel says is read there. */
	{ "console_symbol", NULL },
	/* The root, and folders of the host */
	{ "NET_9P_VIRTIO", has_9p },
	{ "9P_FS", has_9p },
	{ "OVERLAY_FS", has_overlay },
	{ "VIRTIO_FS", has_virtiofs },
	{ "VIRTIO_BLK", has_virtio_blk },
	{ "SCSI_VIRTIO", has_virtio_scsi },
	{ "SATA_AHCI", has_ide },
	{ "BLK_DEV_SD", has_sd },
	{ "MODULES", has_modules },
};

static const char *need_symbol(size_t i, const struct plan *plan)
{
	const char *symbol = needs[i].symbol;

	return islower((unsigned char)*symbol) ?
		processor_text(plan->processor, symbol) : symbol;
}

static bool need_is_asked(size_t i, const struct plan *plan)
{
	return *need_symbol(i, plan) &&
	       (!needs[i].is_needed || needs[i].is_needed(plan));
}

/* What the kernel has of an option, "y", "m" or "n". */
static const char *need_value(const struct plan *plan, const char *symbol)
{
	const char *value = config_text(plan->foreign->config, symbol);

	return *value ? value : "n";
}

static void needs_add(FILE *out, bool *has_more, const char *symbol,
		      const char *value)
{
	fprintf(out, "%sCONFIG_%s%s%s", *has_more ? ", " : "", symbol,
		value ? "=" : "", value ? value : "");
	*has_more = true;
}

/* All that the plan asks for; or, with their values, those that are not y. */
static char *needs_list(const struct plan *plan, bool is_missing)
{
	const char *symbol, *value = NULL;
	bool has_more = false;
	char *text = NULL;
	size_t i, size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		xmalloc_fail();
	for (i = 0; i < ARRAY_SIZE(needs); i++) {
		if (!need_is_asked(i, plan))
			continue;
		symbol = need_symbol(i, plan);
		if (is_missing)
			value = need_value(plan, symbol);
		if (!value || strcmp(value, "y"))
			needs_add(out, &has_more, symbol, value);
	}
	if (fclose(out))
		xmalloc_fail();
	return text;
}

char *needs_text(const struct plan *plan)
{
	return needs_list(plan, false);
}

int needs_check(const struct plan *plan, char **why)
{
	const struct foreign *foreign = plan->foreign;
	char *missing;
	int err = 0;

	if (!foreign || !foreign->config)
		return 0;
	missing = needs_list(plan, true);
	if (*missing)
		err = why_set(why, -ENOEXEC,
			      "%s lacks what this lab's machine needs built in (y): %s, as %s says",
			      foreign->path, missing, foreign->config_of);
	free(missing);
	return err;
}

const char *needs_network(const struct plan *plan)
{
	static const char symbol[] = "VIRTIO_NET";

	if (!plan->foreign || !plan->foreign->config || !plan->net.is_there ||
	    !strcmp(need_value(plan, symbol), "y"))
		return NULL;
	return symbol;
}
