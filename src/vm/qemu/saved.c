// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/lock.h"
#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/args/args.h"
#include "vm/args/device.h"
#include "vm/args/root.h"
#include "vm/qemu/saved.h"
#include "vm/say.h"

/* How long QEMU may take to write the state of its devices. */
#define SAVE_MS 5000

#define READ_SIZE 65536

/* Open the state.  Returns 0, or -errno with the reason in *why, if there is one. */
static int saved_find(struct saved *saved, char **why)
{
	int err = state_open(&saved->state, saved->dir, saved->key,
			     saved->size, why);

	if (err < 0)
		return err;
	saved->way = SAVED_LOAD;
	saved->is_kept = true;
	return 0;
}

static int saved_find_or_say(struct saved *saved)
{
	char *why = NULL;
	int err = saved_find(saved, &why);

	if (err < 0 && err != -ENOENT)
		say("the saved machine cannot be used: %s; booting",
		    why ? why : strerror(-err));
	free(why);
	return err;
}

/* The memory of a machine that will be saved, shared with QEMU. */
static int saved_make_memory(struct saved *saved)
{
	int err;

	saved->state.fd = memfd_create("memory", MFD_CLOEXEC);
	if (saved->state.fd < 0)
		return -errno;
	if (ftruncate(saved->state.fd, saved->size) < 0) {
		err = -errno;
		state_close(&saved->state);
		return err;
	}
	saved->way = SAVED_MAKE;
	return 0;
}

int saved_key(char ret[STATE_KEY], const struct saved_spec *spec)
{
	const struct lab *lab = spec->lab;
	char *kernel = str_printf("%s/%s", lab->dir, args_kernel(&lab->plan));
	char *root = str_printf("%s/rootfs/initramfs.cpio", lab->dir);
	const char *const files[] = { kernel, root, lab->qemu, NULL };
	int err = -ENOMEM;

	if (kernel && root)
		err = state_key(ret, spec->words, files, spec->is_kvm);
	free(kernel);
	free(root);
	return err;
}

/* Why this machine cannot be saved; the caller frees it.  NULL: it can. */
static char *saved_why_not(const struct plan *plan)
{
	const char *what = args_root_unsaved(plan);
	const char *word;

	if (!what)
		what = args_device_unsaved(plan);
	if (what)
		return xstrdup(what);
	word = args_unsaved(plan);
	return word ? str_printf("VM_QEMU_ARGS has %s", word) : NULL;
}

/* Was this reason said since the configuration was last written? */
static bool saved_was_said(const struct lab *lab, const char *path,
			   const char *why)
{
	char *conf = str_printf("%s/include/config/auto.conf", lab->dir);
	struct stat said, written;
	bool was_said = false;
	char *text;

	if (!stat(path, &said) && !stat(conf, &written) &&
	    !file_read(&text, path)) {
		was_said = said.st_mtime >= written.st_mtime &&
			   !strcmp(text, why);
		free(text);
	}
	free(conf);
	return was_said;
}

static bool saved_is_possible(const struct saved_spec *spec)
{
	char *why = saved_why_not(&spec->lab->plan);
	char *path;

	if (!why)
		return true;
	path = lab_path(spec->lab, "unsaved");
	if (spec->is_asked || !saved_was_said(spec->lab, path, why))
		say("%s, so this machine cannot be saved; booting", why);
	/* If that fails, it is said again. */
	file_write(path, why);
	free(path);
	free(why);
	return false;
}

static void saved_end_turn(struct saved *saved)
{
	if (saved->turn >= 0)
		close(saved->turn);
	saved->turn = -1;
}

/* Only one machine at a time is made to be saved.  Returns 0 or -errno. */
static int saved_await_turn(struct saved *saved, const struct saved_spec *spec)
{
	char *path = lab_path(spec->lab, "saving");

	saved->turn = lock_await(path, spec->signals);
	free(path);
	return saved->turn < 0 ? saved->turn : 0;
}

/* Load the state if there is one, else boot and save the machine. */
static int saved_load_or_make(struct saved *saved,
			      const struct saved_spec *spec)
{
	char *why = NULL;
	int err;

	err = saved_key(saved->key, spec);
	if (err < 0)
		return err;
	if (spec->load)
		return saved_find(saved, &why);
	if (spec->renew)
		saved_forget(saved);
	else if (!saved_find_or_say(saved))
		return 0;
	err = saved_await_turn(saved, spec);
	if (err < 0)
		return err;
	/* Somebody may have made it meanwhile. */
	err = saved_find(saved, &why);
	free(why);
	if (err < 0)
		return saved_make_memory(saved);
	saved_end_turn(saved);
	return 0;
}

int saved_choose(struct saved *saved, struct loop *loop,
		 struct machine *machine, const struct saved_spec *spec)
{
	int err;

	saved->loop = loop;
	saved->machine = machine;
	saved->devices.fd = -1;
	saved->state.fd = -1;
	saved->turn = -1;
	if (config_number(spec->lab->config, "VM_STATES", &saved->keep) < 0)
		saved->keep = 0;
	saved->size = (u64)spec->lab->plan.memory.mib << 20;
	saved->dir = lab_path(spec->lab, "state");
	if (!saved->dir)
		return -ENOMEM;

	if (!saved->keep && spec->is_asked)
		say("VM_STATES is 0, so no machine is kept");
	if (saved->keep && saved_is_possible(spec)) {
		err = saved_load_or_make(saved, spec);
		/* It is told to end before it has begun. */
		if (err < 0 && err != -EINTR && !spec->load)
			say("the machine cannot be saved: %s; booting",
			    strerror(-err));
		if (err < 0)
			saved_end_turn(saved);
	}
	/* VM_STATES may be less than it was. */
	state_prune(saved->dir, saved->keep);
	if (saved->state.fd < 0)
		return 0;
	machine->memory = fcntl(saved->state.fd, F_DUPFD_CLOEXEC, 0);
	return machine->memory < 0 ? -errno : 0;
}

static void saved_close_devices(struct saved *saved)
{
	if (saved->devices.fd < 0)
		return;
	loop_want(saved->loop, &saved->devices, 0);
	close(saved->devices.fd);
	saved->devices.fd = -1;
}

void saved_fini(struct saved *saved)
{
	if (!saved->loop)
		return;
	loop_timer_cancel(saved->loop, &saved->limit);
	saved_close_devices(saved);
	queue_fini(&saved->queue);
	state_close(&saved->state);
	saved_end_turn(saved);
	free(saved->dir);
}

int saved_memory(const struct saved *saved, char **ret)
{
	*ret = NULL;
	if (saved->way == SAVED_BOOT)
		return 0;
	*ret = str_printf("/proc/self/fd/%d", saved->machine->memory);
	return *ret ? 0 : -ENOMEM;
}

void saved_forget(struct saved *saved)
{
	state_remove(saved->dir, saved->key);
	saved->is_kept = false;
}

static void saved_transmit(struct loop_fd *fd, u32 events)
{
	struct saved *saved = container_of(fd, struct saved, devices);
	ssize_t n = queue_write(&saved->queue, fd->fd, READ_SIZE);

	(void)events;
	/* The machine reports QEMU's end. */
	if (!queue_count(&saved->queue) || (n < 0 && n != -EAGAIN))
		saved_close_devices(saved);
}

int saved_load(struct saved *saved, char **why)
{
	int err;

	if (saved->way != SAVED_LOAD)
		return 0;
	err = state_check(&saved->state, why);
	if (err < 0)
		return err;
	queue_add(&saved->queue, saved->state.devices, saved->state.count);
	saved->devices = (struct loop_fd){
		.fd = machine_load(saved->machine),
		.ready = saved_transmit,
	};
	if (saved->devices.fd < 0)
		return saved->devices.fd;
	return loop_want(saved->loop, &saved->devices, EPOLLOUT);
}

/* Let the machine run on, as one that was booted. */
static void saved_go_on(struct saved *saved, const char *why_not)
{
	if (why_not)
		say("this machine is not saved for later runs: %s", why_not);
	loop_timer_cancel(saved->loop, &saved->limit);
	saved_close_devices(saved);
	state_close(&saved->state);
	saved_end_turn(saved);
	saved->way = SAVED_BOOT;
	machine_continue(saved->machine);
	saved->done(saved);
}

void saved_give_up(struct saved *saved, const char *why)
{
	saved_go_on(saved, why);
}

/* QEMU has paused the machine and written the state of all devices. */
static void saved_keep(struct saved *saved)
{
	const struct state state = {
		.fd = saved->state.fd,
		.memory = saved->size,
		.up = clock_ms() - saved->began,
		.devices = (char *)queue_first(&saved->queue),
		.count = queue_count(&saved->queue),
	};
	int err;

	err = state_save(&state, saved->dir, saved->key, saved->keep);
	saved->is_kept = !err;
	/* Another process saves a state at this moment. */
	if (err == -EAGAIN)
		err = 0;
	saved_go_on(saved, err < 0 ? strerror(-err) : NULL);
}

static void saved_receive(struct loop_fd *fd, u32 events)
{
	struct saved *saved = container_of(fd, struct saved, devices);
	ssize_t n = queue_read(&saved->queue, fd->fd, READ_SIZE);

	(void)events;
	if (queue_count(&saved->queue) > STATE_DEVICES) {
		saved_go_on(saved, "QEMU says too much");
		return;
	}
	if (n > 0 || n == -EAGAIN)
		return;
	saved_close_devices(saved);
	saved->has_all = true;
	if (saved->is_still)
		saved_keep(saved);
}

static void saved_limit_passed(struct loop_timer *timer)
{
	saved_go_on(container_of(timer, struct saved, limit),
		    "QEMU takes too long");
}

void saved_make(struct saved *saved, long long began)
{
	saved->began = began;
	saved->limit.fire = saved_limit_passed;
	loop_timer_set(saved->loop, &saved->limit, SAVE_MS);
	saved->devices = (struct loop_fd){
		.fd = machine_save(saved->machine),
		.ready = saved_receive,
	};
	if (saved->devices.fd >= 0)
		loop_want(saved->loop, &saved->devices, EPOLLIN);
	else
		saved_go_on(saved, strerror(-saved->devices.fd));
}

u64 saved_up(const struct saved *saved)
{
	return saved->way == SAVED_LOAD ? saved->state.up : 0;
}

void saved_event(struct saved *saved)
{
	if (saved->way != SAVED_MAKE) {
		/* We gave up, but QEMU has paused the machine. */
		machine_continue(saved->machine);
		return;
	}
	if (saved->machine->why_not) {
		saved_go_on(saved, saved->machine->why_not);
		return;
	}
	saved->is_still = true;
	if (saved->has_all)
		saved_keep(saved);
}
