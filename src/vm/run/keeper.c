// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/file.h"
#include "lib/macros.h"
#include "lib/queue.h"
#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/args/single.h"
#include "vm/link/agent.h"
#include "vm/qemu/machine.h"
#include "vm/qemu/saved.h"
#include "vm/run/brief.h"
#include "vm/run/keeper.h"
#include "vm/run/spares.h"

/* How long it may take to make a spare. */
#define MAKE_MS 20000

/* How long who has renamed the folder may take to connect. */
#define COME_MS 5000

/* Who needs memory gets that of spares first. */
#define FIRST_TO_GO "1000"

/* What the host must have left, beside twice the machine's memory. */
#define LEFT_MIB 256

#define MIB_KB 1024

enum stage {
	KEEPER_LOADING,
	KEEPER_WARMING, /* a command runs */
	KEEPER_STOPPING,
	KEEPER_READY,
	KEEPER_GIVEN,
};

struct keeper {
	struct spare_folder folder;
	enum stage stage;
	struct loop loop;
	struct launch_spec spec;
	struct launch launch;
	struct machine machine;
	struct saved saved;
	struct agent agent;
	struct brief brief;
	struct agent_stream warming;
	struct loop_fd signals;
	struct loop_fd moves; /* tells of the folder */
	struct loop_fd listener;
	struct loop_fd client; /* who wants the machine; -1: nobody yet */
	struct loop_timer limit;
	struct loop_timer turn; /* looks whether it can be given */
	char *oom_score; /* QEMU's, when it is given */
};

static void keeper_end(struct keeper *k)
{
	loop_stop(&k->loop);
}

static void keeper_limit_passed(struct loop_timer *timer)
{
	keeper_end(container_of(timer, struct keeper, limit));
}

static void keeper_signal(struct loop_fd *fd, u32 events)
{
	struct keeper *k = container_of(fd, struct keeper, signals);

	(void)events;
	/* Who has it ends it. */
	if (k->stage == KEEPER_GIVEN)
		loop_want(&k->loop, fd, 0);
	else
		keeper_end(k);
}

/*
 * To make it
 */

/* Sent to the agent as a client of the control socket would. */
static void keeper_warm(struct keeper *k)
{
	static const char words[] = "\0/bin/sh\0-c\0true|true";
	struct frame_run run = { .argc = 3 };
	char data[FRAME_RUN_HEAD + sizeof(words)];

	frame_write_run(data, &run);
	memcpy(data + FRAME_RUN_HEAD, words, sizeof(words));
	agent_ask(&k->agent, &k->warming, FRAME_RUN, data, sizeof(data));
	agent_send(&k->agent, &k->warming, FRAME_END, 0, NULL, 0);
}

static void keeper_warmed(struct agent_stream *stream, const struct frame *frame,
			  const char *data)
{
	struct keeper *k = container_of(stream, struct keeper, warming);

	(void)frame;
	(void)data;
	if (!stream->number && k->stage == KEEPER_WARMING)
		brief_end_log(&k->brief);
}

static void keeper_log_ended(struct brief *brief)
{
	struct keeper *k = container_of(brief, struct keeper, brief);

	if (k->stage != KEEPER_WARMING)
		return;
	k->stage = KEEPER_STOPPING;
	if (k->client.fd < 0)
		machine_pause(&k->machine);
	else
		loop_timer_set(&k->loop, &k->turn, 0);
}

/* What its kernel says now would be lost. */
static void keeper_record(struct brief *brief, const char *record, size_t size)
{
	(void)record;
	(void)size;
	keeper_end(container_of(brief, struct keeper, brief));
}

static void keeper_hello(struct agent *agent)
{
	struct keeper *k = container_of(agent, struct keeper, agent);

	if (k->stage != KEEPER_LOADING) {
		keeper_end(k);
		return;
	}
	/* Who waits already has a use for the time. */
	if (k->client.fd >= 0) {
		k->stage = KEEPER_STOPPING;
		loop_timer_set(&k->loop, &k->turn, 0);
		return;
	}
	k->stage = KEEPER_WARMING;
	brief_give(&k->brief);
	keeper_warm(k);
}

static void keeper_be_ready(struct keeper *k)
{
	long seconds;

	k->stage = KEEPER_READY;
	if (config_number(k->spec.lab->config, "VM_SPARES_SECONDS", &seconds) < 0)
		seconds = 1;
	loop_timer_set(&k->loop, &k->limit, seconds * 1000LL);
	if (k->client.fd >= 0)
		loop_timer_set(&k->loop, &k->turn, 0);
}

static void keeper_machine_event(struct machine *machine,
				 enum machine_event event)
{
	struct keeper *k = container_of(machine, struct keeper, machine);

	if (event == MACHINE_ENDED)
		keeper_end(k);
	else if (event == MACHINE_STILL && k->stage == KEEPER_STOPPING)
		keeper_be_ready(k);
	else if (k->stage != KEEPER_GIVEN && event != MACHINE_PORT_OPEN &&
		 event != MACHINE_STILL)
		keeper_end(k);
}

/*
 * To give it away
 */

static bool keeper_is_quiet(const struct keeper *k)
{
	return machine_is_quiet(&k->machine) &&
	       !queue_count(&k->agent.link.in) &&
	       !link_waiting(&k->agent.link);
}

/* Have the process of this id, or `self', be as likely to be killed for memory. */
static void keeper_set_score(const char *id, const char *score)
{
	char *path = str_printf("/proc/%s/oom_score_adj", id);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		fd_write(fd, score, strlen(score));
		close(fd);
	}
	free(path);
}

/* It is like its new owner's own. */
static void keeper_restore_score(const struct keeper *k)
{
	char id[16];

	snprintf(id, sizeof(id), "%d", k->machine.proc.pid);
	if (k->oom_score)
		keeper_set_score(id, k->oom_score);
}

static void keeper_give(struct keeper *k)
{
	const struct handover handover = {
		.ends = machine_ends(&k->machine),
		.lock = k->folder.lock,
		.up = saved_up(&k->saved),
	};

	keeper_restore_score(k);
	if (handover_send(k->client.fd, &handover) < 0) {
		keeper_end(k);
		return;
	}
	k->stage = KEEPER_GIVEN;
	loop_timer_cancel(&k->loop, &k->limit);
	loop_want(&k->loop, &k->moves, 0);
	agent_close(&k->agent);
	machine_give(&k->machine);
	close(k->folder.lock);
	k->folder.lock = -1;
}

static void keeper_take_turn(struct loop_timer *timer)
{
	struct keeper *k = container_of(timer, struct keeper, turn);

	if (k->stage == KEEPER_GIVEN || k->client.fd < 0)
		return;
	if (keeper_is_quiet(k))
		keeper_give(k);
	else
		loop_timer_set(&k->loop, timer, 1);
}

/* It says nothing, so this is its end. */
static void keeper_client_ready(struct loop_fd *fd, u32 events)
{
	(void)events;
	keeper_end(container_of(fd, struct keeper, client));
}

/* Is there one who wants the machine? */
static bool keeper_accept(struct keeper *k)
{
	if (k->client.fd >= 0)
		return true;
	k->client.fd = accept4(k->listener.fd, NULL, NULL, SOCK_CLOEXEC);
	if (k->client.fd < 0)
		return false;
	loop_want(&k->loop, &k->listener, 0);
	loop_want(&k->loop, &k->client, EPOLLIN);
	if (k->stage == KEEPER_READY)
		keeper_take_turn(&k->turn);
	return true;
}

static void keeper_client_came(struct loop_fd *fd, u32 events)
{
	(void)events;
	keeper_accept(container_of(fd, struct keeper, listener));
}

/* Somebody has taken the folder, or removed it. */
static void keeper_moved(struct loop_fd *fd, u32 events)
{
	struct keeper *k = container_of(fd, struct keeper, moves);
	union {
		struct inotify_event event;
		char room[4096];
	} buffer;

	(void)events;
	/* Who has connected removes the socket then. */
	if (read(fd->fd, &buffer, sizeof(buffer)) <= 0 || keeper_accept(k))
		return;
	if (buffer.event.mask & IN_MOVE_SELF)
		loop_timer_set(&k->loop, &k->limit, COME_MS);
	else
		keeper_end(k);
}

/*
 * The process
 */

static int keeper_watch_folder(struct keeper *k)
{
	k->moves.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (k->moves.fd < 0 ||
	    inotify_add_watch(k->moves.fd, k->folder.path,
			      IN_MOVE_SELF | IN_DELETE) < 0)
		return -errno;
	return loop_want(&k->loop, &k->moves, EPOLLIN);
}

static int keeper_watch_signals(struct keeper *k)
{
	sigset_t set;

	/* They are blocked since the run began. */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	k->signals.fd = signalfd(-1, &set, SFD_CLOEXEC);
	k->spec.signals = k->signals.fd;
	return k->signals.fd < 0 ? -errno :
	       loop_want(&k->loop, &k->signals, EPOLLIN);
}

static void keeper_listen(struct keeper *k)
{
	k->signals.ready = keeper_signal;
	k->moves.ready = keeper_moved;
	k->listener.ready = keeper_client_came;
	k->client.ready = keeper_client_ready;
	k->client.fd = -1;
	k->limit.fire = keeper_limit_passed;
	k->turn.fire = keeper_take_turn;
	k->machine.event = keeper_machine_event;
	k->agent.hello = keeper_hello;
	k->warming.answer = keeper_warmed;
	k->brief.record = keeper_record;
	k->brief.log_ended = keeper_log_ended;
	k->brief.agent = &k->agent;
	k->brief.is_log_read = true;
	k->brief.host = config_text(k->spec.lab->config, "ROOTFS_HOSTNAME");
}

static int keeper_start_machine(struct keeper *k)
{
	char *why = NULL;
	int err;

	err = machine_init(&k->machine, &k->loop, &k->spec.lab->plan,
			   k->folder.path);
	if (!err)
		err = launch_make(&k->launch, &k->spec, &why);
	if (!err)
		err = launch_connect(&k->launch, &k->loop, &k->machine,
				     &k->saved, &why);
	if (!err && k->saved.way != SAVED_LOAD)
		err = -ENOENT;
	if (!err)
		err = launch_start(&k->launch, &k->machine, &why);
	if (!err)
		err = saved_load(&k->saved, &why);
	free(why);
	return err;
}

static int keeper_begin(struct keeper *k)
{
	int err;

	err = loop_init(&k->loop);
	if (!err)
		err = keeper_watch_signals(k);
	if (!err)
		err = keeper_watch_folder(k);
	if (err < 0)
		return err;
	k->listener.fd = k->folder.listener;
	/* Again, so that who connects sees our process at the other end. */
	if (listen(k->listener.fd, 1) < 0)
		return -errno;
	loop_want(&k->loop, &k->listener, EPOLLIN);
	loop_timer_set(&k->loop, &k->limit, MAKE_MS);
	err = keeper_start_machine(k);
	if (err < 0)
		return err;
	/* Console and output stay in their pipes for the run that takes the machine. */
	loop_want(&k->loop, &k->machine.output, 0);
	err = agent_open(&k->agent, &k->loop, k->machine.ours[MACHINE_AGENT]);
	return !err && chdir("/") < 0 ? -errno : err;
}

static int keeper_compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Close all descriptors but the folder's and the standard ones. */
static void keeper_close_others(const struct spare_folder *folder)
{
	int fds[] = { STDERR_FILENO, folder->self, folder->lock,
		      folder->listener };
	size_t i;

	qsort(fds, ARRAY_SIZE(fds), sizeof(*fds), keeper_compare);
	for (i = 1; i < ARRAY_SIZE(fds); i++)
		if (fds[i - 1] + 1 < fds[i])
			syscall(SYS_close_range, fds[i - 1] + 1, fds[i] - 1, 0);
	syscall(SYS_close_range, fds[i - 1] + 1, ~0U, 0);
}

/* Nobody must wait for what we hold open. */
static void keeper_leave(struct keeper *k)
{
	int null = open("/dev/null", O_RDWR);
	int i;

	setsid();
	prctl(PR_SET_NAME, "vm-keeper");
	for (i = 0; i <= STDERR_FILENO; i++)
		dup2(null, i);
	keeper_close_others(&k->folder);
	if (!file_read(&k->oom_score, "/proc/self/oom_score_adj"))
		keeper_set_score("self", FIRST_TO_GO);
}

static void keeper_run(struct keeper *k)
{
	bool is_ended;

	keeper_leave(k);
	keeper_listen(k);
	if (!keeper_begin(k))
		loop_run(&k->loop);
	/* Else who had it was killed, perhaps before he had a cleaner. */
	is_ended = k->machine.is_ended;
	if (k->machine.is_started && !is_ended)
		proc_kill(&k->machine.proc);
	if (k->stage == KEEPER_GIVEN && is_ended) {
		close(k->folder.self);
		k->folder.self = -1;
	}
	if (k->stage == KEEPER_GIVEN)
		proc_tell(&k->machine.proc, k->client.fd);
	spares_remove(&k->folder);
}

/* Is there so much memory that nobody will miss it?  If that is unknown, it is. */
static bool keeper_has_memory(const struct plan *plan)
{
	const char *line;
	long long kb;
	char *text;

	if (file_read(&text, "/proc/meminfo") < 0)
		return true;
	line = strstr(text, "\nMemAvailable:");
	kb = line ? strtoll(strchr(line, ':') + 1, NULL, 10) : -1;
	free(text);
	return kb < 0 || kb / MIB_KB >= 2 * plan->memory.mib + LEFT_MIB;
}

/* May machines of this lab wait, and run side by side? */
static bool keeper_may_keep(const struct launch_spec *spec)
{
	char *single = args_single(&spec->lab->plan);
	bool may = !single && launch_may_load(spec) &&
		   keeper_has_memory(&spec->lab->plan);

	free(single);
	return may;
}

static void keeper_fork(const struct launch_spec *spec,
			struct spare_folder *folder)
{
	struct keeper *k = xcalloc(1, sizeof(*k));
	pid_t pid = fork();

	if (!pid) {
		k->folder = *folder;
		k->spec = *spec;
		k->spec.work = folder->path;
		k->spec.renew = false;
		k->spec.save = false;
		k->spec.load = true;
		keeper_run(k);
		_exit(0);
	}
	free(k);
	if (pid < 0) {
		spares_remove(folder);
		return;
	}
	close(folder->self);
	close(folder->lock);
	close(folder->listener);
	free(folder->path);
}

void keeper_refill(const struct launch_spec *spec)
{
	struct spare_folder folder;
	struct launch launch = {};
	char key[STATE_KEY];
	char *why = NULL;
	long most;

	if (config_number(spec->lab->config, "VM_SPARES", &most) < 0)
		most = 0;
	if (!most)
		spares_end(spec->lab->dir);
	else if (keeper_may_keep(spec) && !launch_make(&launch, spec, &why) &&
		 !spares_key(key, &launch))
		while (!spares_add(&folder, spec->lab, key, most))
			keeper_fork(spec, &folder);
	launch_fini(&launch);
	free(why);
}
