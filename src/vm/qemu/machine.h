/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * machine - QEMU's process: started, watched over QMP, and ended
 *
 * QEMU gets its channels as connected sockets, so there are no names to wait for
 * or to remove.  The console is its standard input and output, which are pipes:
 * a socket takes some 270 single bytes until it is full, and a serial port that
 * cannot send for 10 ms loses what Linux prints.  QEMU does not outlive us.
 */
#ifndef VM_MACHINE_H
#define VM_MACHINE_H

#include <signal.h>

#include "lib/loop.h"
#include "lib/proc.h"
#include "vm/args/plan.h"
#include "vm/qemu/qmp.h"

#define MACHINE_SAID 4096 /* how much is kept of what QEMU printed */

enum machine_channel {
	MACHINE_QMP,
	MACHINE_AGENT,
	MACHINE_CHANNELS,
	MACHINE_GDB = MACHINE_CHANNELS, /* where QEMU listens: no end is ours */
	MACHINE_ENDS
};

enum machine_event {
	MACHINE_PORT_OPEN, /* the guest opened the agent's port */
	MACHINE_PORT_CLOSED,
	MACHINE_RESET, /* the guest began anew */
	MACHINE_SICK, /* is_panicked or is_broken */
	MACHINE_SHUT_DOWN, /* and it waits, if machine_hold() asked for that */
	MACHINE_DUMPED, /* or not: dump_err */
	MACHINE_MONITORED, /* monitor_text; or NULL: QEMU refused */
	MACHINE_WATCHDOG, /* expired; the machine is paused */
	MACHINE_HALTED, /* all processors stand still for ever */
	MACHINE_SAVED, /* or not: why_not; it is paused */
	MACHINE_STILL, /* machine_pause() has been done */
	MACHINE_ENDED, /* QEMU is no more */
};

/* All by which a machine that runs is watched; the descriptors belong to its machine. */
struct machine_ends {
	int channel[MACHINE_CHANNELS];
	int console;
	int keys;
	int output;
	int process; /* a pidfd */
	pid_t pid;
};

struct machine {
	void (*event)(struct machine *machine, enum machine_event event);

	struct loop *loop;
	int ours[MACHINE_CHANNELS];
	int theirs[MACHINE_ENDS];
	int memory; /* a file for QEMU to map, set before the start; -1: none */
	int std[3]; /* QEMU's standard descriptors */
	int console; /* what the console says */
	int keys; /* what is typed there */
	struct proc proc;
	struct loop_fd process; /* its pidfd */
	struct loop_fd output; /* what it prints */
	struct qmp qmp;
	struct loop_timer limit; /* for the end that was asked for */
	struct loop_timer look; /* at the processors */
	int looks;
	int cpus;
	const char *halted; /* see machine_is_dead() */
	const char *table; /* see vmcore_map() */
	char said[MACHINE_SAID + 1]; /* the last of what it printed */
	size_t said_count;
	char *why_not; /* it was not saved */

	int dump_err; /* of the last one */
	const char *monitor_text; /* valid in MACHINE_MONITORED */
	bool is_monitoring; /* the monitor has been asked */
	bool is_started;
	bool is_held; /* is to wait when it has shut down */
	bool is_quitting;
	bool is_asked; /* we asked it to end before it shut down */
	bool is_killed; /* by us */
	bool is_saving;
	bool is_shut_down; /* QEMU said that the machine was */
	bool by_guest; /* ... because the guest wanted it */
	bool is_powered_off; /* ... with the power */
	bool is_paused; /* by a debugger, or in the monitor */
	bool is_panicked; /* the guest told its panic device */
	bool is_broken; /* QEMU cannot go on: KVM or a disk failed */
	bool is_ended; /* then proc.status holds */
};

/*
 * Make the channels; machine_fini() even if it fails.  ours[], console and keys are
 * then the caller's.  gdb connects to the socket of that name in dir.  The plan's
 * processor must outlive it.  Returns 0 or -errno.
 */
int machine_init(struct machine *machine, struct loop *loop,
		 const struct plan *plan, const char *dir);
void machine_fini(struct machine *machine);

/* QEMU's name for its end of a channel: what follows -chardev. */
char *machine_end(const struct machine *machine, enum machine_channel channel);

/* Start QEMU in the folder dir.  Returns 0 or -errno. */
int machine_start(struct machine *machine, const char *path,
		  char *const *argv, const char *dir, const sigset_t *mask);

/* Nobody can connect to the machine in dir any more. */
void machine_unlink(const char *dir);

/*
 * Take over a machine that another process has started, with the callback set and in
 * place of machine_init() and machine_start().  The descriptors are ours from then on,
 * and so is `teller', over which that process tells how QEMU ends.  Returns 0 or -errno.
 */
int machine_adopt(struct machine *machine, struct loop *loop,
		  const struct plan *plan, const struct machine_ends *ends,
		  int teller);

/* The ends of a machine that was started, for somebody who adopts it. */
struct machine_ends machine_ends(const struct machine *machine);

/* Is nothing on its way between QEMU and us, so that somebody else can talk to it? */
bool machine_is_quiet(const struct machine *machine);

/* All but QEMU itself is somebody else's now: MACHINE_ENDED may still come, no more. */
void machine_give(struct machine *machine);

/* Ask QEMU to end; it is killed if it does not. */
void machine_stop(struct machine *machine);

/* Let the machine wait for us when the guest has shut down or reset it. */
void machine_hold(struct machine *machine);

/*
 * Write the machine's memory to this file, from where it stands, with its physical
 * addresses; MACHINE_DUMPED comes at the end of that.  Returns 0 or -errno.
 */
int machine_dump(struct machine *machine, int fd);

/*
 * Have QEMU's monitor do this; MACHINE_MONITORED comes with what it says.  Returns
 * 0 or -errno: -EBUSY if it is at another command.
 */
int machine_monitor(struct machine *machine, const char *command);

/*
 * Pause the machine and have QEMU tell what its devices are; MACHINE_SAVED comes
 * at the end of that.  The memory is in its file.  Returns a descriptor to read
 * from, the caller's, or -errno.
 */
int machine_save(struct machine *machine);

/* Stop the processors; MACHINE_STILL comes when they stand. */
void machine_pause(struct machine *machine);

/* Let it go on after that. */
void machine_continue(struct machine *machine);

/*
 * Let a machine that was started with -incoming go on from what was told.  If it
 * cannot, QEMU ends.  Returns a descriptor to write that to, or -errno.
 */
int machine_load(struct machine *machine);

/* The kernel says that it has halted: look whether the processors have, too. */
void machine_expect_halt(struct machine *machine);

/*
 * Does the text of `info registers` show a processor that never wakes up?  `halted' is
 * what args/processor.h has for this key; "": nobody knows.
 */
bool machine_is_dead(const char *registers, const char *halted);

#endif
