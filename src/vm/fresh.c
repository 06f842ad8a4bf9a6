// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "args.h"
#include "args-device.h"
#include "args-root.h"
#include "fresh.h"
#include "say.h"
#include "str.h"

/* How long QEMU may take to tell what its devices are. */
#define SAVE_MS 5000

#define READ_SIZE 65536

/* Find the state.  Returns whether the machine is to begin with it. */
static bool find(struct fresh *fresh)
{
	char *why = NULL;
	int err;

	err = state_open(&fresh->state, fresh->dir, fresh->key, fresh->size,
			 &why);
	if (err < 0 && err != -ENOENT)
		say("the saved machine cannot be used: %s; booting",
		    why ? why : strerror(-err));
	free(why);
	if (err < 0)
		return false;

	fresh->way = FRESH_LOAD;
	fresh->is_kept = true;
	return true;
}

/* The memory of a machine to be saved; shared with QEMU. */
static int make_memory(struct fresh *fresh)
{
	int err;

	fresh->state.fd = memfd_create("memory", MFD_CLOEXEC);
	if (fresh->state.fd < 0)
		return -errno;
	if (ftruncate(fresh->state.fd, fresh->size) < 0) {
		err = -errno;
		state_close(&fresh->state);
		return err;
	}
	fresh->way = FRESH_SAVE;
	return 0;
}

static int make_key(struct fresh *fresh, const struct fresh_spec *spec)
{
	const struct lab *lab = spec->lab;
	char *kernel = str_printf("%s/linux/vmlinux.stripped", lab->dir);
	char *root = str_printf("%s/rootfs/initramfs.cpio", lab->dir);
	const char *const files[] = { kernel, root, lab->qemu, NULL };
	int err = -ENOMEM;

	if (kernel && root)
		err = state_key(fresh->key, spec->words, files, spec->is_kvm);
	free(kernel);
	free(root);
	return err;
}

static bool may_be_saved(const struct fresh_spec *spec)
{
	const char *what = args_root_unsaved(spec->lab->config);
	char *word;

	if (!what)
		what = args_device_unsaved(spec->lab->config);
	if (what) {
		say("%s, so this machine cannot be saved; booting", what);
		return false;
	}
	word = args_unsaved(spec->lab->config);
	if (word)
		say("VM_QEMU_ARGS has %s, so this machine cannot be saved; booting",
		    word);
	free(word);
	return !word;
}

/* Load what was saved, or boot and save it. */
static int load_or_save(struct fresh *fresh, const struct fresh_spec *spec)
{
	int err;

	err = make_key(fresh, spec);
	if (err < 0)
		return err;
	if (spec->renew)
		fresh_forget(fresh);
	else if (find(fresh))
		return 0;
	return make_memory(fresh);
}

int fresh_choose(struct fresh *fresh, struct loop *loop,
		 struct machine *machine, const struct fresh_spec *spec)
{
	long mib;
	int err;

	fresh->loop = loop;
	fresh->machine = machine;
	fresh->devices.fd = -1;
	fresh->state.fd = -1;
	if (config_number(spec->lab->config, "VM_STATES", &fresh->keep) < 0)
		fresh->keep = 0;
	err = config_number(spec->lab->config, "VM_MEMORY", &mib);
	if (err < 0)
		return err;
	fresh->size = (u64)mib << 20;
	fresh->dir = lab_path(spec->lab, "state");
	if (!fresh->dir)
		return -ENOMEM;

	if (!fresh->keep && spec->is_asked)
		say("VM_STATES is 0, so no machine is kept");
	if (fresh->keep && may_be_saved(spec)) {
		err = load_or_save(fresh, spec);
		if (err < 0)
			say("the machine cannot be saved: %s; booting",
			    strerror(-err));
	}
	/* The menu may have changed. */
	state_prune(fresh->dir, fresh->keep);
	if (fresh->state.fd < 0)
		return 0;
	machine->memory = fcntl(fresh->state.fd, F_DUPFD_CLOEXEC, 0);
	return machine->memory < 0 ? -errno : 0;
}

static void close_devices(struct fresh *fresh)
{
	if (fresh->devices.fd < 0)
		return;
	loop_want(fresh->loop, &fresh->devices, 0);
	close(fresh->devices.fd);
	fresh->devices.fd = -1;
}

void fresh_fini(struct fresh *fresh)
{
	if (!fresh->loop)
		return;
	loop_timer_cancel(fresh->loop, &fresh->limit);
	close_devices(fresh);
	queue_fini(&fresh->queue);
	state_close(&fresh->state);
	free(fresh->dir);
}

int fresh_memory(const struct fresh *fresh, char **ret)
{
	*ret = NULL;
	if (fresh->way == FRESH_BOOT)
		return 0;
	*ret = str_printf("/proc/self/fd/%d", fresh->machine->memory);
	return *ret ? 0 : -ENOMEM;
}

void fresh_forget(struct fresh *fresh)
{
	state_remove(fresh->dir, fresh->key);
	fresh->is_kept = false;
}

static void transmit(struct loop_fd *fd, u32 events)
{
	struct fresh *fresh = container_of(fd, struct fresh, devices);
	ssize_t n = queue_write(&fresh->queue, fd->fd, READ_SIZE);

	(void)events;
	/* That QEMU ends is seen elsewhere. */
	if (!queue_count(&fresh->queue) || (n < 0 && n != -EAGAIN))
		close_devices(fresh);
}

int fresh_load(struct fresh *fresh, char **why)
{
	int err;

	if (fresh->way != FRESH_LOAD)
		return 0;
	err = state_check(&fresh->state, why);
	if (err < 0)
		return err;
	err = queue_add(&fresh->queue, fresh->state.devices,
			fresh->state.count);
	if (err < 0)
		return err;
	fresh->devices = (struct loop_fd){
		.fd = machine_load(fresh->machine),
		.ready = transmit,
	};
	if (fresh->devices.fd < 0)
		return fresh->devices.fd;
	return loop_want(fresh->loop, &fresh->devices, EPOLLOUT);
}

/* The machine goes on, as one that was booted. */
static void go_on(struct fresh *fresh, const char *why_not)
{
	if (why_not)
		say("this machine is not saved for later runs: %s", why_not);
	loop_timer_cancel(fresh->loop, &fresh->limit);
	close_devices(fresh);
	state_close(&fresh->state);
	fresh->way = FRESH_BOOT;
	machine_continue(fresh->machine);
	fresh->saved(fresh);
}

void fresh_give_up(struct fresh *fresh, const char *why)
{
	go_on(fresh, why);
}

/* QEMU has said all, and stands still. */
static void keep(struct fresh *fresh)
{
	const struct state state = {
		.fd = fresh->state.fd,
		.memory = fresh->size,
		.devices = (char *)queue_first(&fresh->queue),
		.count = queue_count(&fresh->queue),
	};
	int err;

	err = state_save(&state, fresh->dir, fresh->key, fresh->keep);
	fresh->is_kept = !err;
	/* Another one saves the same. */
	if (err == -EAGAIN)
		err = 0;
	go_on(fresh, err < 0 ? strerror(-err) : NULL);
}

static void receive(struct loop_fd *fd, u32 events)
{
	struct fresh *fresh = container_of(fd, struct fresh, devices);
	ssize_t n = queue_read(&fresh->queue, fd->fd, READ_SIZE);

	(void)events;
	if (queue_count(&fresh->queue) > STATE_DEVICES) {
		go_on(fresh, "QEMU says too much");
		return;
	}
	if (n > 0 || n == -EAGAIN)
		return;
	close_devices(fresh);
	fresh->has_all = true;
	if (fresh->is_still)
		keep(fresh);
}

static void limit_passed(struct loop_timer *timer)
{
	go_on(container_of(timer, struct fresh, limit), "QEMU takes too long");
}

void fresh_save(struct fresh *fresh)
{
	fresh->limit.fire = limit_passed;
	loop_timer_set(fresh->loop, &fresh->limit, SAVE_MS);
	fresh->devices = (struct loop_fd){
		.fd = machine_save(fresh->machine),
		.ready = receive,
	};
	if (fresh->devices.fd >= 0)
		loop_want(fresh->loop, &fresh->devices, EPOLLIN);
	else
		go_on(fresh, strerror(-fresh->devices.fd));
}

void fresh_machine_saved(struct fresh *fresh)
{
	if (fresh->way != FRESH_SAVE) {
		/* Too late, but it has paused. */
		machine_continue(fresh->machine);
		return;
	}
	if (fresh->machine->why_not) {
		go_on(fresh, fresh->machine->why_not);
		return;
	}
	fresh->is_still = true;
	if (fresh->has_all)
		keep(fresh);
}
