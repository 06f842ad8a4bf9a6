// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/macros.h"
#include "lib/proc.h"
#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/args/args.h"
#include "vm/args/fit.h"
#include "vm/args/hostfiles.h"
#include "vm/args/needs.h"
#include "vm/lab.h"
#include "vm/say.h"

void lab_fini(struct lab *lab)
{
	plan_fini(&lab->plan);
	foreign_fini(&lab->foreign);
	processor_fini(&lab->processor);
	config_close(lab->config);
	free(lab->qemu);
	free(lab->work);
	free(lab->vm);
	free(lab->dir);
}

/* QEMU's working folder must have an absolute path. */
static char *lab_make_work(const struct lab *lab, const char *work)
{
	if (!work)
		return xstrdup(lab->vm);
	if (mkdir(work, 0777) < 0 && errno != EEXIST)
		return NULL;
	return realpath(work, NULL);
}

int lab_init(struct lab *lab, const char *name, const char *work)
{
	char *path;
	int err;

	*lab = (struct lab){ .name = name };
	lab->dir = realpath(name, NULL);
	if (!lab->dir) {
		err = -errno;
		say("%s: %s; run `make` first", name, strerror(-err));
		return err;
	}

	lab->vm = str_printf("%s/vm", lab->dir);
	lab->work = lab_make_work(lab, work);
	if (!lab->work) {
		err = -errno;
		say("%s: %s", work ? work : name, strerror(-err));
		return err;
	}
	path = str_printf("%s/include/config/auto.conf", lab->dir);
	err = config_open(&lab->config, path);
	if (err < 0)
		say("%s/include/config/auto.conf: %s; run `make` first", name,
		    strerror(-err));
	free(path);
	return err;
}

/* modprobe finds modules by an index, which a package gets where it is installed. */
static void lab_look_at_modules(const char *modules)
{
	char *path = str_printf("%s/modules.dep", modules);

	if (access(path, R_OK) < 0)
		say("%s has no modules.dep, so modprobe finds nothing there; depmod makes it",
		    modules);
	free(path);
}

static int lab_read_processor(struct lab *lab, char **why)
{
	char *path;
	int err;

	if (lab->processor.count)
		return 0;
	path = lab_path(lab, "processor");
	err = processor_open(&lab->processor, path, why);
	free(path);
	return err;
}

static int lab_look_at_kernel(struct lab *lab, const char *file,
			      const char *modules, char **why)
{
	const struct processor *processor = &lab->processor;
	const struct foreign_kind kind = {
		.name = processor_text(processor, "name"),
		.magic = processor_text(processor, "magic"),
		.place = processor_text(processor, "boot"),
	};

	return foreign_init(&lab->foreign, file, modules, &kind, why);
}

int lab_take_kernel(struct lab *lab, const char *file, const char *modules)
{
	char *why = NULL;
	int err;

	err = lab_read_processor(lab, &why);
	if (!err)
		err = lab_look_at_kernel(lab, file, modules, &why);
	if (err < 0)
		say("%s", why);
	else if (lab->foreign.modules)
		lab_look_at_modules(lab->foreign.modules);
	free(why);
	return err;
}

int lab_plan(struct lab *lab)
{
	const struct foreign *foreign = lab->foreign.path ? &lab->foreign : NULL;
	char *path = lab_path(lab, "devices");
	struct catalog catalog = {};
	char *why = NULL;
	int err;

	err = lab_read_processor(lab, &why);
	if (!err)
		err = catalog_open(&catalog, path, &why);
	if (!err)
		err = plan_init(&lab->plan, lab->config, lab->dir,
				&lab->processor, &catalog, foreign, &why);
	if (err < 0)
		say("%s", why ? why : strerror(-err));
	free(why);
	catalog_fini(&catalog);
	free(path);
	return err;
}

int lab_find_qemu(struct lab *lab)
{
	const char *remedy = config_is_on(lab->config, "QEMU_BUILT") ?
		"`make` builds it" :
		"`make deps` installs QEMU, VM_QEMU in the menu names it";
	int err;

	err = proc_find(&lab->qemu, lab->plan.qemu);
	if (err < 0)
		say("%s: %s; %s", lab->plan.qemu, strerror(-err), remedy);
	return err;
}

int lab_check(const struct lab *lab)
{
	const char *const files[] = {
		args_kernel(&lab->plan),
		"rootfs/initramfs.cpio",
		"vm/splats",
		"vm/allowed",
		lab->plan.root.disk,
	};
	char *why = NULL;
	size_t i;
	int err = 0;
	char *path;

	for (i = 0; i < ARRAY_SIZE(files) && files[i] && !err; i++) {
		path = str_printf("%s/%s", lab->dir, files[i]);
		if (access(path, R_OK) < 0)
			err = -errno;
		if (err < 0)
			say("%s/%s: %s; run `make` first", lab->name,
			    files[i], strerror(-err));
		free(path);
	}
	if (err < 0)
		return err;
	err = needs_check(&lab->plan, &why);
	if (!err)
		err = hostfiles_check(&lab->plan, &why);
	if (!err)
		err = fit_check(&lab->plan, &why);
	if (err < 0)
		say("%s", why ? why : strerror(-err));
	else if (needs_network(&lab->plan))
		say("this kernel has no CONFIG_%s built in, so the machine has no network",
		    needs_network(&lab->plan));
	free(why);
	return err;
}

char *lab_path(const struct lab *lab, const char *file)
{
	return str_printf("%s/%s", lab->vm, file);
}

char *lab_work_path(const struct lab *lab, const char *file)
{
	return str_printf("%s/%s", lab->work, file);
}
