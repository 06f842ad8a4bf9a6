// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/frame.h"
#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/client/built.h"
#include "vm/client/dialog.h"
#include "vm/client/holders.h"
#include "vm/client/kmsg.h"
#include "vm/client/module.h"
#include "vm/client/programs.h"
#include "vm/client/reload.h"
#include "vm/exit.h"
#include "vm/say.h"

#define PARTS_MAX 256

/* How long after its start a machine may have no /proc. */
#define MOUNT_MS 10000

/* A module that is loaded or replaced. */
struct part {
	char name[MODULE_NAME];
	char *path; /* of its file here; NULL: there is none */
	char *there; /* of its file in the guest */
	char *params; /* that the old one has */
	int file; /* the new one; -1: not open */
	struct module_info info; /* of that */
	const struct module_loaded *old; /* NULL: it was not loaded */
	bool is_ours; /* from the folder that was asked for */
	bool is_ordered;
	bool is_out; /* the old one is unloaded */
	bool is_in; /* the new one is loaded */
};

struct reload {
	struct dialog dialog;
	const char *folder;
	const char *params;
	char release[256]; /* of the kernel */
	char *deps; /* the guest's modules.dep; NULL: not read yet */
	struct module_loaded *loaded; /* the one loaded last comes first */
	int count;
	struct part parts[PARTS_MAX];
	int parts_count;
	struct part *order[PARTS_MAX]; /* each behind the ones it needs */
	int order_count;
	bool has_stopped; /* eBPF programs, which are to start again */
	char *wrong; /* the errors, to be printed at the end */
};

/* Append an error to r->wrong.  Returns err. */
static int reload_fail(struct reload *r, int err, const char *fmt, ...)
	__printf(3, 4);

static int reload_fail(struct reload *r, int err, const char *fmt, ...)
{
	char *before = r->wrong;
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = str_vprintf(fmt, ap);
	va_end(ap);
	r->wrong = text;
	if (before) {
		r->wrong = str_printf("%s; %s", before, text);
		free(text);
	}
	free(before);
	return err;
}

static struct part *reload_find_part(struct reload *r, const char *name)
{
	int i;

	for (i = 0; i < r->parts_count; i++)
		if (!strcmp(r->parts[i].name, name))
			return &r->parts[i];
	return NULL;
}

static const struct module_loaded *reload_find_loaded(const struct reload *r,
						      const char *name)
{
	int i;

	for (i = 0; i < r->count; i++)
		if (!strcmp(r->loaded[i].name, name))
			return &r->loaded[i];
	return NULL;
}

/* The part then owns path. */
static struct part *reload_add_part(struct reload *r, const char *name,
				    char *path)
{
	struct part *part = &r->parts[r->parts_count];

	if (r->parts_count == PARTS_MAX) {
		free(path);
		return NULL;
	}
	*part = (struct part){
		.path = path,
		.file = -1,
		.old = reload_find_loaded(r, name),
	};
	snprintf(part->name, sizeof(part->name), "%s", name);
	r->parts_count++;
	return part;
}

static void reload_free_part(struct part *part)
{
	free(part->path);
	free(part->there);
	free(part->params);
	module_info_fini(&part->info);
	if (part->file >= 0)
		close(part->file);
}

/* Add the modules of the folder: all, or those that are loaded. */
static int reload_add_ours(struct reload *r, bool all)
{
	char *folder = str_printf("%s/modules/%s", r->dialog.options.dir, r->folder);
	char *order = str_printf("%s/modules.order", folder);
	char name[MODULE_NAME];
	char *text, *path;
	struct part *part;
	const char *next;
	int err;

	err = file_read(&text, order);
	if (err < 0) {
		reload_fail(r, err, "%s: %s", r->folder, strerror(-err));
		goto out_free;
	}
	next = text;
	while ((path = built_next(&next, folder))) {
		module_name(name, path);
		if (all || reload_find_loaded(r, name)) {
			part = reload_add_part(r, name, path);
			if (part)
				part->is_ours = true;
		} else {
			free(path);
		}
	}
	free(text);
out_free:
	free(order);
	free(folder);
	return err;
}

/* Does this loaded module use one that will be unloaded? */
static bool reload_uses_one(struct reload *r, const char *name)
{
	int i;

	for (i = 0; i < r->parts_count; i++)
		if (r->parts[i].old &&
		    module_is_in(r->parts[i].old->users, name))
			return true;
	return false;
}

/* A module is loaded before its users, so one pass finds users of users, too. */
static void reload_add_users(struct reload *r)
{
	const char *name;
	int i;

	for (i = r->count - 1; i >= 0; i--) {
		name = r->loaded[i].name;
		if (!reload_find_part(r, name) && reload_uses_one(r, name))
			reload_add_part(r, name,
					built_find(r->dialog.options.dir, name));
	}
}

/* The file's path in the guest, according to its modules.dep, or NULL. */
static char *reload_find_there(struct reload *r, const char *name)
{
	char *folder = str_printf("/lib/modules/%s/", r->release);
	char *deps = str_printf("%smodules.dep", folder);
	char found[MODULE_NAME];
	char *path = NULL;
	const char *line;

	if (!r->deps)
		dialog_get(&r->deps, &r->dialog, deps);
	for (line = r->deps; line && *line && !path;) {
		path = str_printf("%s%.*s", *line == '/' ? "" : folder,
				  (int)strcspn(line, ":\n"), line);
		module_name(found, path);
		if (strcmp(found, name)) {
			free(path);
			path = NULL;
		}
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	free(deps);
	free(folder);
	return path;
}

/* Open the file that was built here, or else the guest's. */
static int reload_open_part(struct reload *r, struct part *part)
{
	char *bytes;
	off_t size;
	int err;

	if (part->path) {
		part->file = open(part->path, O_RDONLY | O_CLOEXEC);
		err = part->file < 0 ? -errno : 0;
		part->there = str_printf("/lib/modules/%s/updates/%s",
					 r->release,
					 strrchr(part->path, '/') + 1);
	} else {
		part->there = reload_find_there(r, part->name);
		part->file = part->there ?
			dialog_get_file(&r->dialog, part->there) : -ENOENT;
		err = part->file < 0 ? part->file : 0;
	}
	if (err < 0)
		return reload_fail(r, err, "%s: cannot read its file: %s",
				   part->name, strerror(-err));

	size = lseek(part->file, 0, SEEK_END);
	err = dialog_text(&bytes, part->file);
	if (!err) {
		err = module_info_read(&part->info, bytes, size);
		free(bytes);
	}
	return err < 0 ? reload_fail(r, err, "%s is not a kernel module",
				     part->there) :
			 0;
}

/* Append a module to the order, behind all modules it needs. */
static int reload_put_in_order(struct reload *r, struct part *part)
{
	char name[MODULE_NAME];
	struct part *needed;
	const char *needs;
	size_t len;
	int err;

	part->is_ordered = true;
	err = reload_open_part(r, part);
	if (err < 0)
		return err;
	needs = module_info_get(&part->info, "depends", NULL);
	for (; needs && *needs; needs += len + (needs[len] == ',')) {
		len = strcspn(needs, ",");
		if (!module_is_name(needs, len))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)len, needs);
		needed = reload_find_part(r, name);
		if (!needed && !reload_find_loaded(r, name))
			needed = reload_add_part(r, name,
						 built_find(r->dialog.options.dir, name));
		if (needed && !needed->is_ordered)
			err = reload_put_in_order(r, needed);
		if (err < 0)
			return err;
	}
	r->order[r->order_count++] = part;
	return 0;
}

/* Append NAME="VALUE", the value of the loaded module. */
static void reload_remember_param(struct reload *r, struct part *part,
				  const char *type)
{
	char *path = str_printf("/sys/module/%s/parameters/%.*s", part->name,
				(int)strcspn(type, ":"), type);
	char *value, *all;

	if (!dialog_get(&value, &r->dialog, path)) {
		value[strcspn(value, "\n")] = '\0';
		/* Skip a NULL pointer, and a text that cannot be quoted. */
		if (strcmp(value, "(null)") && !strchr(value, '"')) {
			all = str_printf("%s%s%.*s=\"%s\"",
					 part->params ? part->params : "",
					 part->params ? " " : "",
					 (int)strcspn(type, ":"), type, value);
			free(part->params);
			part->params = all;
		}
		free(value);
	}
	free(path);
}

static void reload_remember_params(struct reload *r, struct part *part)
{
	const char *type = NULL;

	while ((type = module_info_get(&part->info, "parmtype", type)))
		reload_remember_param(r, part, type);
}

/* The agent may be up before the root's init has mounted /proc. */
static int reload_get_early(char **ret, struct dialog *dialog, const char *path)
{
	const struct timespec moment = { .tv_nsec = 20000000 };
	long long until = clock_ms() + MOUNT_MS;
	int err;

	while ((err = dialog_get(ret, dialog, path)) == -ENOENT &&
	       clock_ms() < until)
		nanosleep(&moment, NULL);
	return err;
}

/* Find out the kernel's release and the loaded modules. */
static int reload_look(struct reload *r)
{
	struct dialog *dialog = &r->dialog;
	char *version, *text;
	int err;

	err = reload_get_early(&version, dialog, "/proc/version");
	if (err < 0)
		return reload_fail(r, err, "%s", dialog->why);
	if (sscanf(version, "Linux version %255[^ /\n]", r->release) != 1)
		err = reload_fail(r, -EBADMSG,
				  "cannot parse the guest's /proc/version");
	free(version);
	if (!err)
		err = dialog_get(&text, dialog, "/proc/modules");
	if (err < 0)
		return r->wrong ? err : reload_fail(r, err, "%s", dialog->why);
	err = module_loaded_read(&r->loaded, text);
	free(text);
	if (err < 0)
		return reload_fail(r, err,
				   "cannot parse the guest's /proc/modules");
	r->count = err;
	return 0;
}

/* Collect the modules to replace, and their order. */
static int reload_prepare(struct reload *r)
{
	int i, err, ours;

	err = reload_look(r);
	if (!err)
		err = reload_add_ours(r, false);
	if (!err && !r->parts_count)
		err = reload_add_ours(r, true);
	if (err < 0)
		return err;
	if (!r->parts_count)
		return reload_fail(r, -ENOENT, "%s contains no module",
				   r->folder);

	reload_add_users(r);
	ours = r->parts_count;
	for (i = 0; i < ours; i++) {
		if (!r->parts[i].is_ordered)
			err = reload_put_in_order(r, &r->parts[i]);
		if (err < 0)
			return err;
		if (r->parts[i].old)
			reload_remember_params(r, &r->parts[i]);
	}
	return 0;
}

static int reload_unload(struct reload *r, struct part *part)
{
	return dialog_ask_number(&r->dialog, FRAME_UNLOAD, O_NONBLOCK,
				 part->name, -1);
}

static int reload_load(struct reload *r, const char *params, int file)
{
	return dialog_ask(&r->dialog, FRAME_LOAD, params ? params : "",
			  params ? strlen(params) : 0, file, -1);
}

static int reload_fail_unload(struct reload *r, struct part *part, int err)
{
	char *by = NULL;

	if (err != -EAGAIN)
		return reload_fail(r, err, "%s cannot be unloaded: %s",
				   part->name, r->dialog.why);
	by = holders_find(&r->dialog, part->name);
	reload_fail(r, err, "%s is in use: %s", part->name,
		    by ? by : "the kernel does not say by what");
	free(by);
	return err;
}

static int reload_unload_old(struct reload *r)
{
	struct part *part;
	int i, err;

	for (i = 0; i < r->count; i++) {
		part = reload_find_part(r, r->loaded[i].name);
		if (!part)
			continue;
		err = reload_unload(r, part);
		if (err == -EAGAIN && programs_stop(&r->dialog, part->name)) {
			r->has_stopped = true;
			err = reload_unload(r, part);
		}
		if (err < 0)
			return reload_fail_unload(r, part, err);
		part->is_out = true;
	}
	return 0;
}

static int reload_load_new(struct reload *r)
{
	struct part *part;
	int i, err;

	for (i = 0; i < r->order_count; i++) {
		part = r->order[i];
		err = reload_load(r, part->is_ours ? r->params : part->params,
				  part->file);
		if (err < 0)
			return reload_fail(r, err, "%s: %s", part->name,
					   r->dialog.why);
		part->is_in = true;
	}
	return 0;
}

static int reload_load_old(struct reload *r, struct part *part)
{
	int file = part->there ? dialog_get_file(&r->dialog, part->there) :
				 -ENOENT;
	int err;

	if (file < 0)
		return file;
	err = reload_load(r, part->params, file);
	close(file);
	return err;
}

/* Unload the new modules and load the old ones again. */
static void reload_restore(struct reload *r)
{
	bool is_back = false, is_lost = false;
	struct part *part;
	int i;

	for (i = r->order_count - 1; i >= 0; i--)
		if (r->order[i]->is_in)
			reload_unload(r, r->order[i]);
	for (i = r->count - 1; i >= 0; i--) {
		part = reload_find_part(r, r->loaded[i].name);
		if (!part || !part->is_out)
			continue;
		if (reload_load_old(r, part) < 0) {
			reload_fail(r, 0,
				    "the old %s cannot be loaded again: %s",
				    part->name, r->dialog.why);
			is_lost = true;
		}
		is_back = true;
	}
	if (is_back && !is_lost)
		reload_fail(r, 0, "the old modules are loaded again");
}

/* Replace the files in the guest, for modprobe and for the next reload. */
static void reload_keep_new(struct reload *r)
{
	struct part *part;
	int i;

	for (i = 0; i < r->order_count; i++) {
		part = r->order[i];
		if (part->path)
			dialog_ask_number(&r->dialog, FRAME_PUT, 0644,
					  part->there, part->file);
	}
}

/* Can the guest still be asked to load the old modules? */
static bool reload_can_restore(int err)
{
	return err != -EINTR && err != -ETIMEDOUT && err != -EPIPE &&
	       err != -ECONNRESET && err != -EPROTO && err != -EBADMSG;
}

static int reload_replace(struct reload *r)
{
	int err = reload_unload_old(r);

	if (!err)
		err = reload_load_new(r);
	if (!err)
		reload_keep_new(r);
	else if (reload_can_restore(err))
		reload_restore(r);
	if (r->has_stopped && reload_can_restore(err) && !programs_start(&r->dialog) && !err)
		err = reload_fail(r, -ECHILD, "an eBPF program does not run any more");
	return err;
}

static void reload_fini(struct reload *r)
{
	int i;

	for (i = 0; i < r->parts_count; i++)
		reload_free_part(&r->parts[i]);
	if (r->loaded)
		module_loaded_free(r->loaded, r->count);
	free(r->deps);
	free(r->wrong);
	free(r);
}

static int reload_status(int err, int complaints)
{
	if (err == -ETIMEDOUT)
		return END_TIMED_OUT;
	if (err == -EPIPE || err == -ECONNRESET)
		return END_VANISHED;
	if (err < 0 || complaints < 0)
		return EXIT_FAILURE;
	return complaints ? END_COMPLAINED : 0;
}

int reload(const struct client_options *options, const char *folder,
	   const char *params)
{
	struct reload *r = xcalloc(1, sizeof(*r));
	int err, complaints;
	struct kmsg kmsg;

	if (kmsg_open(&kmsg, options) < 0) {
		free(r);
		return END_NOT_STARTED;
	}
	r->dialog.options = *options;
	r->folder = folder;
	r->params = params;

	err = reload_prepare(r);
	if (!err)
		err = reload_replace(r);
	complaints = kmsg_print(&kmsg, options->dir);
	if (r->wrong)
		say("%s", r->wrong);
	kmsg_close(&kmsg);
	reload_fini(r);
	return reload_status(err, complaints);
}
