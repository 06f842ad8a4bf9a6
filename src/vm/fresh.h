/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fresh - a machine that need not boot
 *
 * The first machine for a command is saved when its agent has said its first
 * word; it is paused for that, and goes on.  Later runs begin with what was
 * saved.  The memory is a file that QEMU maps; what its devices are it tells us, and
 * is told.
 */
#ifndef VM_FRESH_H
#define VM_FRESH_H

#include "lab.h"
#include "machine.h"
#include "state.h"

/* How a machine begins. */
enum fresh_way {
	FRESH_BOOT,
	FRESH_SAVE, /* boots, and is to be saved */
	FRESH_LOAD, /* was saved */
};

struct fresh {
	/* The machine that was to be saved is, or not.  It goes on. */
	void (*saved)(struct fresh *fresh);

	enum fresh_way way;
	struct loop *loop;
	struct machine *machine;
	char *dir; /* with the states */
	char key[STATE_KEY];
	long keep; /* so many */
	u64 size; /* of the memory */
	struct state state; /* that it begins with, or the memory to be saved */
	struct loop_fd devices;
	struct queue queue; /* what QEMU says of them */
	struct loop_timer limit;
	bool has_all; /* ... has been read */
	bool is_still; /* the machine, and can be saved */
	bool is_kept; /* there is a state of this machine */
};

struct fresh_spec {
	const struct lab *lab;
	char *const *words; /* of QEMU's command, but for what each run has */
	bool is_kvm;
	bool renew; /* forget what was saved before */
	bool is_asked; /* by the user: then it is said, too, that none is kept */
};

/*
 * Choose how the machine begins; what forbids that it is saved, or is wrong with
 * the state that there was, is said.  Returns 0 or -errno.  fresh_fini() even if
 * this fails or was not called.
 */
int fresh_choose(struct fresh *fresh, struct loop *loop,
		 struct machine *machine, const struct fresh_spec *spec);
void fresh_fini(struct fresh *fresh);

/* The path of its memory, for QEMU; *ret NULL: no file.  Returns 0 or -errno. */
int fresh_memory(const struct fresh *fresh, char **ret);

/*
 * QEMU has been started: give it what was saved, if so and if that is undamaged.
 * Returns 0 or -errno, with the reason in *why.
 */
int fresh_load(struct fresh *fresh, char **why);

/* The guest is up: save it.  The callback follows. */
void fresh_save(struct fresh *fresh);

/* Do not save it, for this reason. */
void fresh_give_up(struct fresh *fresh, const char *why);

/* For MACHINE_SAVED */
void fresh_machine_saved(struct fresh *fresh);

/* What was saved is of no use: remove it. */
void fresh_forget(struct fresh *fresh);

#endif
