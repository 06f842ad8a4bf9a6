/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * saved - start a machine from a saved state instead of booting it
 *
 * The first machine that runs a command is saved once its agent is up: it is
 * paused for that and then runs on.  Later machines start from this state, and those
 * that come meanwhile wait for it.  The
 * guest's memory is a file which QEMU maps; the state of the devices goes
 * through a socket, as in a migration.
 *
 * struct saved belongs to the caller, who calls saved_fini() whether or not
 * saved_choose() was called or succeeded.
 */
#ifndef VM_SAVED_H
#define VM_SAVED_H

#include "vm/lab.h"
#include "vm/qemu/machine.h"
#include "vm/qemu/state.h"

/* How a machine starts. */
enum saved_way {
	SAVED_BOOT, /* it boots and is not saved */
	SAVED_MAKE, /* it boots and will be saved */
	SAVED_LOAD, /* from a saved state */
};

struct saved {
	/* The machine runs on, whether its state was kept or not. */
	void (*done)(struct saved *saved);

	enum saved_way way;
	struct loop *loop;
	struct machine *machine;
	char *dir; /* of the states */
	char key[STATE_KEY];
	long keep; /* keep at most so many states */
	u64 size; /* of the guest's memory */
	struct state state; /* loaded from, or the memory that will be saved */
	struct loop_fd devices; /* QEMU's end of their state */
	struct queue queue; /* the state of the devices */
	struct loop_timer limit;
	long long began; /* the machine that is saved, at the earliest */
	bool has_all; /* the queue is complete */
	bool is_still; /* QEMU has paused the machine */
	bool is_kept; /* there is a state of this machine */
	int turn; /* while we make it others wait for this lock; or -1 */
};

struct saved_spec {
	const struct lab *lab;
	char *const *words; /* QEMU's command without what differs per run */
	bool is_kvm;
	bool renew; /* remove the state that there is */
	bool load; /* a state that there is, or nothing */
	int signals; /* a descriptor: when it is readable, wait for nobody */
	bool is_asked; /* by the user: say also that no state will be kept */
};

/* The state's key.  Returns 0 or -errno. */
int saved_key(char ret[STATE_KEY], const struct saved_spec *spec);

/*
 * Choose how the machine starts.  Says why a machine cannot be saved, once for
 * each configuration (the file vm/unsaved remembers it), or why an existing state
 * cannot be used.  Returns 0 or -errno.
 */
int saved_choose(struct saved *saved, struct loop *loop,
		 struct machine *machine, const struct saved_spec *spec);
void saved_fini(struct saved *saved);

/*
 * The path of the memory's file for QEMU, the caller's to free; NULL if QEMU
 * shall allocate the memory.  Returns 0 or -errno.
 */
int saved_memory(const struct saved *saved, char **ret);

/*
 * QEMU has been started: check the state and load it, if there is one to load.
 * Returns 0 or -errno, with the reason in *why.
 */
int saved_load(struct saved *saved, char **why);

/*
 * The guest is up: save it.  It began at this time of clock_ms() or later.
 * done() follows.
 */
void saved_make(struct saved *saved, long long began);

/* How many milliseconds had it run, at most, when it was saved?  0: it boots. */
u64 saved_up(const struct saved *saved);

/* Do not save it, for this reason.  done() is called. */
void saved_give_up(struct saved *saved, const char *why);

/* To be called at MACHINE_SAVED. */
void saved_event(struct saved *saved);

/* Remove the state: it cannot be used. */
void saved_forget(struct saved *saved);

#endif
