// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "built.h"
#include "dialog.h"
#include "end.h"
#include "file.h"
#include "frame.h"
#include "holders.h"
#include "log.h"
#include "module.h"
#include "reload.h"
#include "say.h"
#include "str.h"

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
	bool is_ours; /* is what was asked for */
	bool is_ordered;
	bool is_out; /* the old one is unloaded */
	bool is_in; /* the new one is loaded */
};

struct reload {
	struct dialog dialog;
	const char *folder;
	const char *params;
	char release[256]; /* of the kernel */
	char *deps; /* the guest's modules.dep, once it was needed */
	struct module_loaded *loaded; /* the last one first */
	int count;
	struct part parts[PARTS_MAX];
	int parts_count;
	struct part *order[PARTS_MAX]; /* what is used first */
	int order_count;
	char *wrong; /* what went wrong, to be said at the end */
};

/* Note what went wrong, behind what did before.  Returns err. */
static int fail(struct reload *r, int err, const char *fmt, ...)
	__printf(3, 4);

static int fail(struct reload *r, int err, const char *fmt, ...)
{
	char *before = r->wrong;
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = str_vprintf(fmt, ap);
	va_end(ap);
	r->wrong = text;
	if (before && text) {
		r->wrong = str_printf("%s; %s", before, text);
		free(text);
	}
	free(before);
	return err;
}

static struct part *find_part(struct reload *r, const char *name)
{
	int i;

	for (i = 0; i < r->parts_count; i++)
		if (!strcmp(r->parts[i].name, name))
			return &r->parts[i];
	return NULL;
}

static const struct module_loaded *find_loaded(const struct reload *r,
					       const char *name)
{
	int i;

	for (i = 0; i < r->count; i++)
		if (!strcmp(r->loaded[i].name, name))
			return &r->loaded[i];
	return NULL;
}

/* The path then belongs to the part. */
static struct part *add_part(struct reload *r, const char *name, char *path)
{
	struct part *part = &r->parts[r->parts_count];

	if (r->parts_count == PARTS_MAX) {
		free(path);
		return NULL;
	}
	*part = (struct part){
		.path = path,
		.file = -1,
		.old = find_loaded(r, name),
	};
	snprintf(part->name, sizeof(part->name), "%s", name);
	r->parts_count++;
	return part;
}

static void free_part(struct part *part)
{
	free(part->path);
	free(part->there);
	free(part->params);
	module_info_fini(&part->info);
	if (part->file >= 0)
		close(part->file);
}

/* The modules of the folder, if they are to be loaded. */
static int add_ours(struct reload *r, bool all)
{
	char *folder = str_printf("%s/modules/%s", r->dialog.dir, r->folder);
	char *order = str_printf("%s/modules.order", folder ? folder : "");
	char name[MODULE_NAME];
	char *text, *path;
	struct part *part;
	const char *next;
	int err;

	err = folder && order ? file_read(&text, order) : -ENOMEM;
	if (err < 0) {
		fail(r, err, "%s: %s", r->folder, strerror(-err));
		goto out_free;
	}
	next = text;
	while ((path = built_next(&next, folder))) {
		module_name(name, path);
		if (all || find_loaded(r, name)) {
			part = add_part(r, name, path);
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

/* Is it loaded and uses one of those that will be unloaded? */
static bool uses_one(struct reload *r, const char *name)
{
	int i;

	for (i = 0; i < r->parts_count; i++)
		if (r->parts[i].old &&
		    module_is_in(r->parts[i].old->users, name))
			return true;
	return false;
}

/* The guest loads a module before those that use it, so once is enough. */
static void add_users(struct reload *r)
{
	const char *name;
	int i;

	for (i = r->count - 1; i >= 0; i--) {
		name = r->loaded[i].name;
		if (!find_part(r, name) && uses_one(r, name))
			add_part(r, name, built_find(r->dialog.dir, name));
	}
}

/* Where the guest's modules.dep says that the file is, or NULL. */
static char *find_there(struct reload *r, const char *name)
{
	char *folder = str_printf("/lib/modules/%s/", r->release);
	char *deps = folder ? str_printf("%smodules.dep", folder) : NULL;
	char found[MODULE_NAME];
	char *path = NULL;
	const char *line;

	if (deps && !r->deps)
		dialog_get(&r->deps, &r->dialog, deps);
	for (line = r->deps; line && *line && !path;) {
		path = str_printf("%s%.*s", *line == '/' ? "" : folder,
				  (int)strcspn(line, ":\n"), line);
		module_name(found, path ? path : "");
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

/* Find the file here, or else the guest's. */
static int open_part(struct reload *r, struct part *part)
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
		part->there = find_there(r, part->name);
		part->file = part->there ?
			dialog_get_file(&r->dialog, part->there) : -ENOENT;
		err = part->file < 0 ? part->file : 0;
	}
	if (err < 0)
		return fail(r, err, "%s: no file of it: %s", part->name,
			    strerror(-err));

	size = lseek(part->file, 0, SEEK_END);
	err = dialog_text(&bytes, part->file);
	if (!err) {
		err = module_info_read(&part->info, bytes, size);
		free(bytes);
	}
	return err < 0 ? fail(r, err, "%s is no module", part->there) : 0;
}

/* Put a module in order behind all that it needs. */
static int put_in_order(struct reload *r, struct part *part)
{
	char name[MODULE_NAME];
	struct part *needed;
	const char *needs;
	size_t len;
	int err;

	part->is_ordered = true;
	err = open_part(r, part);
	if (err < 0)
		return err;
	needs = module_info_get(&part->info, "depends", NULL);
	for (; needs && *needs; needs += len + (needs[len] == ',')) {
		len = strcspn(needs, ",");
		if (!module_is_name(needs, len))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)len, needs);
		needed = find_part(r, name);
		if (!needed && !find_loaded(r, name))
			needed = add_part(r, name,
					  built_find(r->dialog.dir, name));
		if (needed && !needed->is_ordered)
			err = put_in_order(r, needed);
		if (err < 0)
			return err;
	}
	r->order[r->order_count++] = part;
	return 0;
}

/* Append NAME="VALUE", as the loaded one has it. */
static void remember_param(struct reload *r, struct part *part,
			   const char *type)
{
	char *path = str_printf("/sys/module/%s/parameters/%.*s", part->name,
				(int)strcspn(type, ":"), type);
	char *value, *all;

	if (path && !dialog_get(&value, &r->dialog, path)) {
		value[strcspn(value, "\n")] = '\0';
		/* A NULL of the module; or a text that cannot be passed. */
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

static void remember_params(struct reload *r, struct part *part)
{
	const char *type = NULL;

	while ((type = module_info_get(&part->info, "parmtype", type)))
		remember_param(r, part, type);
}

/* The root's init mounts /proc a moment after the agent's first word. */
static int get_early(char **ret, struct dialog *dialog, const char *path)
{
	const struct timespec moment = { .tv_nsec = 20000000 };
	long long until = loop_now() + MOUNT_MS;
	int err;

	while ((err = dialog_get(ret, dialog, path)) == -ENOENT &&
	       loop_now() < until)
		nanosleep(&moment, NULL);
	return err;
}

/* What runs, and which modules it has. */
static int look(struct reload *r)
{
	struct dialog *dialog = &r->dialog;
	char *version, *text;
	int err;

	err = get_early(&version, dialog, "/proc/version");
	if (err < 0)
		return fail(r, err, "%s", dialog->why);
	if (sscanf(version, "Linux version %255[^ /\n]", r->release) != 1)
		err = fail(r, -EBADMSG, "the guest's /proc/version is none");
	free(version);
	if (!err)
		err = dialog_get(&text, dialog, "/proc/modules");
	if (err < 0)
		return r->wrong ? err : fail(r, err, "%s", dialog->why);
	err = module_loaded_read(&r->loaded, text);
	free(text);
	if (err < 0)
		return fail(r, err, "the guest's /proc/modules is none");
	r->count = err;
	return 0;
}

/* Find out what is to be done. */
static int prepare(struct reload *r)
{
	int i, err, ours;

	err = look(r);
	if (!err)
		err = add_ours(r, false);
	if (!err && !r->parts_count)
		err = add_ours(r, true);
	if (err < 0)
		return err;
	if (!r->parts_count)
		return fail(r, -ENOENT, "%s has no module", r->folder);

	add_users(r);
	ours = r->parts_count;
	for (i = 0; i < ours; i++) {
		if (!r->parts[i].is_ordered)
			err = put_in_order(r, &r->parts[i]);
		if (err < 0)
			return err;
		if (r->parts[i].old)
			remember_params(r, &r->parts[i]);
	}
	return 0;
}

static int unload(struct reload *r, struct part *part)
{
	return dialog_ask_number(&r->dialog, FRAME_UNLOAD, O_NONBLOCK,
				 part->name, -1);
}

static int load(struct reload *r, const char *params, int file)
{
	return dialog_ask(&r->dialog, FRAME_LOAD, params ? params : "",
			  params ? strlen(params) : 0, file, -1);
}

static int fail_unload(struct reload *r, struct part *part, int err)
{
	char *by = NULL;

	if (err != -EAGAIN)
		return fail(r, err, "%s cannot be unloaded: %s", part->name,
			    r->dialog.why);
	by = holders_find(&r->dialog, part->name);
	fail(r, err, "%s is in use: %s", part->name,
	     by ? by : "the kernel does not say by whom");
	free(by);
	return err;
}

static int unload_old(struct reload *r)
{
	struct part *part;
	int i, err;

	for (i = 0; i < r->count; i++) {
		part = find_part(r, r->loaded[i].name);
		if (!part)
			continue;
		err = unload(r, part);
		if (err < 0)
			return fail_unload(r, part, err);
		part->is_out = true;
	}
	return 0;
}

static int load_new(struct reload *r)
{
	struct part *part;
	int i, err;

	for (i = 0; i < r->order_count; i++) {
		part = r->order[i];
		err = load(r, part->is_ours ? r->params : part->params,
			   part->file);
		if (err < 0)
			return fail(r, err, "%s: %s", part->name,
				    r->dialog.why);
		part->is_in = true;
	}
	return 0;
}

static int load_old(struct reload *r, struct part *part)
{
	int file = part->there ? dialog_get_file(&r->dialog, part->there) :
				 -ENOENT;
	int err;

	if (file < 0)
		return file;
	err = load(r, part->params, file);
	close(file);
	return err;
}

/* Have everything as it was. */
static void restore(struct reload *r)
{
	bool is_back = false, is_lost = false;
	struct part *part;
	int i;

	for (i = r->order_count - 1; i >= 0; i--)
		if (r->order[i]->is_in)
			unload(r, r->order[i]);
	for (i = r->count - 1; i >= 0; i--) {
		part = find_part(r, r->loaded[i].name);
		if (!part || !part->is_out)
			continue;
		if (load_old(r, part) < 0) {
			fail(r, 0, "the old %s does not come back: %s",
			     part->name, r->dialog.why);
			is_lost = true;
		}
		is_back = true;
	}
	if (is_back && !is_lost)
		fail(r, 0, "what was loaded is back");
}

/* What modprobe finds is the new one now, and the next time what comes back. */
static void keep_new(struct reload *r)
{
	struct part *part;
	int i;

	for (i = 0; i < r->order_count; i++) {
		part = r->order[i];
		if (part->path && part->there)
			dialog_ask_number(&r->dialog, FRAME_PUT, 0644,
					  part->there, part->file);
	}
}

/* Is there anybody to have it all as it was? */
static bool can_restore(int err)
{
	return err != -EINTR && err != -ETIMEDOUT && err != -EPIPE &&
	       err != -ECONNRESET && err != -EPROTO && err != -EBADMSG;
}

static int replace(struct reload *r)
{
	int err = unload_old(r);

	if (!err)
		err = load_new(r);
	if (!err)
		keep_new(r);
	else if (can_restore(err))
		restore(r);
	return err;
}

static void reload_fini(struct reload *r)
{
	int i;

	for (i = 0; i < r->parts_count; i++)
		free_part(&r->parts[i]);
	if (r->loaded)
		module_loaded_free(r->loaded, r->count);
	free(r->deps);
	free(r->wrong);
	free(r);
}

static int status_of(int err, int complaints)
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
	struct reload *r = calloc(1, sizeof(*r));
	int err, complaints;
	struct log log;

	if (!r || log_open(&log, options->dir) < 0) {
		free(r);
		return END_NOT_STARTED;
	}
	r->dialog.dir = options->dir;
	r->dialog.timeout = options->timeout;
	r->folder = folder;
	r->params = params;

	err = prepare(r);
	if (!err)
		err = replace(r);
	complaints = log_print(&log, options->dir);
	if (r->wrong)
		say("%s", r->wrong);
	log_close(&log);
	reload_fini(r);
	return status_of(err, complaints);
}
