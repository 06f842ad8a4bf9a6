// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "args-root.h"
#include "args.h"
#include "lab.h"
#include "lock.h"
#include "macros.h"
#include "outside.h"
#include "proc.h"
#include "say.h"
#include "str.h"

/* How long a cleaner may take, see cleaner.h. */
#define CLEANING_MS 2000

void lab_fini(struct lab *lab)
{
	config_close(lab->config);
	free(lab->qemu);
	free(lab->work);
	free(lab->vm);
	free(lab->dir);
}

/* QEMU's working folder must have an absolute path. */
static char *make_work(const struct lab *lab, const char *work)
{
	if (!work)
		return strdup(lab->vm);
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
	lab->work = lab->vm ? make_work(lab, work) : NULL;
	if (!lab->work) {
		err = -errno;
		say("%s: %s", work ? work : name, strerror(-err));
		return err;
	}
	path = str_printf("%s/include/config/auto.conf", lab->dir);
	err = path ? config_open(&lab->config, path) : -ENOMEM;
	if (err < 0)
		say("%s/include/config/auto.conf: %s; run `make` first", name,
		    strerror(-err));
	free(path);
	return err;
}

int lab_find_qemu(struct lab *lab)
{
	const char *name = config_text(lab->config, "VM_QEMU");
	int err;

	err = proc_find(&lab->qemu, name);
	if (err < 0)
		say("%s: %s; `make deps` installs QEMU, VM_QEMU in the menu names it",
		    name, strerror(-err));
	return err;
}

int lab_check(const struct lab *lab)
{
	const char *const files[] = {
		args_kernel(lab->config),
		"rootfs/initramfs.cpio",
		"vm/splats",
		"vm/allowed",
		args_root_disk(lab->config),
	};
	char *why = NULL;
	size_t i;
	int err = 0;
	char *path;

	for (i = 0; i < ARRAY_SIZE(files) && files[i] && !err; i++) {
		path = str_printf("%s/%s", lab->dir, files[i]);
		if (!path)
			err = -ENOMEM;
		else if (access(path, R_OK) < 0)
			err = -errno;
		if (err < 0)
			say("%s/%s: %s; run `make` first", lab->name,
			    files[i], strerror(-err));
		free(path);
	}
	if (err < 0)
		return err;
	err = outside_check(lab->config, lab->dir, &why);
	if (err < 0)
		say("%s", why ? why : strerror(-err));
	free(why);
	return err;
}

/* One whose holder was killed is held by its cleaner, for a moment. */
static int take_lock(const char *path, pid_t *holder)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	int i, fd;

	for (i = 0; i < CLEANING_MS; i++) {
		fd = lock_take(path, holder);
		if (fd != -EAGAIN || !kill(*holder, 0) || errno != ESRCH)
			break;
		nanosleep(&moment, NULL);
	}
	return fd;
}

int lab_lock(const struct lab *lab)
{
	pid_t holder = 0;
	char *path = lab_work_path(lab, "lock");
	int fd;

	if (!path)
		fd = -ENOMEM;
	else if (mkdir(lab->work, 0777) < 0 && errno != EEXIST)
		fd = -errno;
	else
		fd = take_lock(path, &holder);

	if (fd == -EAGAIN)
		say("a machine runs in %s already (process %d); `make stop` ends it",
		    lab->name, holder);
	else if (fd < 0)
		say("%s/lock: %s", lab->work, strerror(-fd));
	free(path);
	return fd;
}

char *lab_path(const struct lab *lab, const char *file)
{
	return str_printf("%s/%s", lab->vm, file);
}

char *lab_work_path(const struct lab *lab, const char *file)
{
	return str_printf("%s/%s", lab->work, file);
}
