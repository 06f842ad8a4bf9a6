// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/proc.h"
#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/run/launch.h"

bool launch_may_load(const struct launch_spec *spec)
{
	/*
	 * Without a command the guest runs an init of its own, in a state that
	 * nobody knows; arguments for the kernel, or a debugger, are there to
	 * see it boot.  A foreign kernel is tried, and would take the room of
	 * the lab's states.
	 */
	return spec->has_command && !spec->boot && !spec->append &&
	       !spec->gdb && !spec->lab->plan.foreign;
}

struct saved_spec launch_saved_spec(const struct launch *launch)
{
	const struct launch_spec *spec = launch->spec;

	return (struct saved_spec){
		.lab = spec->lab,
		.words = launch->args.argv.word,
		.is_kvm = spec->kvm,
		.signals = spec->signals,
		.renew = spec->renew,
		.load = spec->load,
		.is_asked = spec->save,
	};
}

/* Give the command what differs per run: the channels' ends, and the memory. */
static int launch_set_ends(struct launch *launch, const struct machine *machine,
			   const struct saved *saved)
{
	static const enum machine_channel ends[] = {
		[ARGS_QMP] = MACHINE_QMP,
		[ARGS_AGENT] = MACHINE_AGENT,
		[ARGS_GDB] = MACHINE_GDB,
	};
	char *memory, *end;
	int i, err;

	for (i = 0; i < ARGS_CHANNELS; i++) {
		end = machine_end(machine, ends[i]);
		args_connect(&launch->args, i, end);
		free(end);
	}
	err = saved_memory(saved, &memory);
	if (memory)
		args_set_memory(&launch->args, &launch->spec->lab->plan, memory,
				saved->way == SAVED_LOAD);
	free(memory);
	return err;
}

int launch_make(struct launch *launch, const struct launch_spec *spec,
		char **why)
{
	const struct args_run run = {
		.kvm = spec->kvm,
		.no_init = spec->has_command,
		.is_root = !geteuid(),
		.is_waiting = spec->gdb,
		.append = spec->append,
	};
	int err;

	launch->spec = spec;
	err = args_machine(&launch->args, &spec->lab->plan, &run, why);
	if (err < 0 && !*why)
		*why = xstrdup(strerror(-err));
	return err;
}

/* By the command without what differs per run */
int launch_connect(struct launch *launch, struct loop *loop,
		   struct machine *machine, struct saved *saved, char **why)
{
	struct saved_spec saved_spec = launch_saved_spec(launch);
	int err = 0;

	if (launch_may_load(launch->spec))
		err = saved_choose(saved, loop, machine, &saved_spec);
	if (!err)
		err = launch_set_ends(launch, machine, saved);
	if (err < 0)
		*why = xstrdup(strerror(-err));
	return err;
}

void launch_fini(struct launch *launch)
{
	argv_fini(&launch->args.argv);
}

int launch_start(const struct launch *launch, struct machine *machine,
		 char **why)
{
	char *const *word = launch->args.argv.word;
	char *path;
	int err;

	err = proc_find(&path, *word);
	if (!err) {
		err = machine_start(machine, path, word,
				    launch->spec->work,
				    launch->spec->mask);
		free(path);
	}
	if (err < 0)
		*why = str_printf("cannot start %s: %s", *word,
				  strerror(-err));
	return err;
}
