// SPDX-License-Identifier: GPL-2.0-only
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/args/bus.h"
#include "vm/args/root.h"

/* A user may have more; these fit into the kernel's command line. */
#define GROUPS_MAX 64

const char *args_root_unsaved(const struct plan *plan)
{
	switch (plan->root.kind) {
	case ROOT_9P:
	case ROOT_DISK:
		return "the root is not loaded with the kernel";
	case ROOT_SWITCH:
		return "ROOTFS_SWITCH has a disk";
	case ROOT_CPIO:
		if (plan->root.is_init_wanted)
			return "its init runs (ROOTFS_INIT_ALWAYS)";
		return NULL;
	default:
		return NULL;
	}
}

void args_root_enter(struct argv *argv, const struct plan *plan, bool is_root)
{
	if (is_root || (!plan->root.tree && !plan->virtiofsd))
		return;
	argv_add(argv, "unshare");
	argv_add(argv, "--user");
	argv_add(argv, "--map-root-user");
	argv_add(argv, "--map-auto");
	argv_add(argv, "--");
}

static void add_disk_device(struct argv *argv, const struct plan *plan)
{
	argv_add(argv, "-device");
	switch (plan->root.bus) {
	case ROOT_VIRTIO_SCSI:
		argv_addf(argv, "virtio-scsi-%s,id=rootscsi", plan->machine->bus);
		argv_add(argv, "-device");
		argv_add(argv, "scsi-hd,drive=root,bus=rootscsi.0");
		break;
	case ROOT_IDE:
		argv_add(argv, "ide-hd,drive=root,bus=ide.0");
		break;
	default:
		argv_addf(argv, "virtio-blk-%s,drive=root", plan->machine->bus);
		break;
	}
}

static void add_disk(struct argv *argv, const struct plan *plan)
{
	const struct plan_root *root = &plan->root;

	argv_add(argv, "-drive");
	/* Changes to be lost go to a file without a name. */
	argv_addf(argv, "if=none,id=root,format=%s,file=%s/%s,discard=unmap%s",
		  root->is_qcow2 ? "qcow2" : "raw", plan->dir, root->disk,
		  root->is_kept ? "" : ",snapshot=on");
	add_disk_device(argv, plan);
}

/* A folder below the output directory, as the guest sees it. */
static void add_folder(struct argv *argv, const struct plan *plan,
		       const char *tag, const char *folder, const char *options)
{
	char *path = str_printf("%s/%s", plan->dir, folder);

	args_bus_9p(argv, plan, tag, path, options);
	free(path);
}

void args_root_devices(struct argv *argv, const struct plan *plan)
{
	const struct plan_root *root = &plan->root;

	if (root->disk)
		add_disk(argv, plan);
	else if (root->tree)
		add_folder(argv, plan, "root", root->tree, root->is_kept ?
			   "security_model=passthrough" :
			   "security_model=passthrough,readonly=on");
	else if (root->folder)
		args_bus_9p(argv, plan, "root", root->folder,
			    "security_model=passthrough,readonly=on");
	if (plan->has_kmod)
		add_folder(argv, plan, "kmod", "modules",
			   "security_model=none,readonly=on");
	if (plan->foreign && plan->foreign->modules)
		args_bus_9p(argv, plan, "modules", plan->foreign->modules,
			    "security_model=none,readonly=on");
}

/* What the first stage is told of the root; "" for nothing. */
static char *root_words(const struct plan_root *root)
{
	if (root->has_kernel)
		return str_printf(" rdinit=/kiln/init KILN_ROOT=later root=%s rw",
				  root->device);
	switch (root->kind) {
	case ROOT_SWITCH:
		return str_printf(" KILN_NEXT=rw,disk,%s KILN_NEXT_INIT=%s",
				  root->device, root->init);
	case ROOT_9P:
		return str_printf(" KILN_ROOT=%s,9p,root",
				  root->is_kept ? "rw" : "overlay");
	case ROOT_DISK:
		return str_printf(" KILN_ROOT=rw,disk,%s", root->device);
	case ROOT_CPIO:
		return xstrdup(" rdinit=/kiln/init");
	default:
		return xstrdup("");
	}
}

/*
 * The folders of modules: as they are built, or those of a foreign kernel.  That is
 * not to take the lab's for its own, even if both have the same release.
 */
static char *module_words(const struct plan *plan)
{
	const struct foreign *foreign = plan->foreign;
	static const char none[] = " KILN_MODULES=none";

	if (plan->has_kmod)
		return xstrdup(" KILN_SHARE_KMOD=ro,kmod,/root/kmod");
	if (!foreign)
		return xstrdup("");
	if (!foreign->modules)
		return xstrdup(none);
	return str_printf("%s KILN_SHARE_MODULES=ro,modules,/lib/modules/%s",
			  none, foreign->release);
}

static bool is_plain(const char *text)
{
	return !strpbrk(text, " \t\n\"");
}

/* Who starts the machine, as guest/user.h has it; "" for root. */
static char *user_words(void)
{
	const struct passwd *user = getpwuid(getuid());
	gid_t groups[GROUPS_MAX];
	int i, n = GROUPS_MAX;
	char *text = NULL;
	size_t size;
	FILE *out;

	if (!user || !user->pw_uid || !is_plain(user->pw_shell) ||
	    !is_plain(user->pw_dir))
		return xstrdup("");
	if (getgrouplist(user->pw_name, user->pw_gid, groups, &n) < 0)
		n = GROUPS_MAX;
	out = open_memstream(&text, &size);
	if (!out)
		xmalloc_fail();
	fprintf(out, " KILN_USER=%u:%u", user->pw_uid, user->pw_gid);
	for (i = 0; i < n; i++)
		if (groups[i] != user->pw_gid)
			fprintf(out, ",%u", groups[i]);
	fprintf(out, ":%s:%s:%s", user->pw_name, user->pw_shell, user->pw_dir);
	if (fclose(out))
		xmalloc_fail();
	return text;
}

/* The init that the first stage starts; "": its own default. */
static const char *first_init(const struct plan_root *root, bool no_init)
{
	/* Without it there is no root. */
	if (root->has_kernel)
		return "/init";
	if (no_init && !root->is_init_wanted)
		return "none";
	if (root->kind == ROOT_SWITCH)
		return "shell";
	return root->init ? root->init : "";
}

char *args_root_append(const struct plan *plan, bool no_init)
{
	const struct plan_root *root = &plan->root;
	const char *init = first_init(root, no_init);
	char *user = root->is_user ? user_words() : xstrdup("");
	char *modules = module_words(plan);
	char *words = root_words(root);
	char *text;

	text = str_printf("%s%s%s%s%s%s", words,
			  root->is_host ? " KILN_HOST=yes" : "", user, modules,
			  *init ? " KILN_INIT=" : "", init);
	free(modules);
	free(words);
	free(user);
	return text;
}
