// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/macros.h"
#include "lib/sock.h"
#include "lib/str.h"
#include "vm/qemu/machine.h"

/* How long QEMU may take to end. */
#define QUIT_MS 3000

/* How often, and how many times, to look whether the processors stand still. */
#define LOOK_MS 20
#define LOOKS 250

#define LOOK_ID 1000 /* of the command for the first processor */

/* Of the other commands */
enum {
	STATUS_ID = 2,
	QUIT_ID,
	DUMP_ID,
	HOLD_ID,
	CAPABILITIES_ID,
	GIVE_ID,
	SAVE_ID,
	WHY_ID,
	CONTINUE_ID,
	LOAD_ID,
	MONITOR_ID,
	PAUSE_ID,
};

#define GDB_NAME "gdb" /* of the socket; src/commands/gdb knows it */

/* What the console may say while we wait for our turn. */
#define CONSOLE_PIPE (1024 * 1024)

/* `NAME= MASK VALUE [TEXT]' */
bool machine_is_dead(const char *registers, const char *halted)
{
	unsigned long mask, value;
	char name[16], text[16] = "";

	if (sscanf(halted, "%15s %lx %lx %15s", name, &mask, &value, text) < 3)
		return false;
	/* Interrupts are off, and it waits for one. */
	registers = strstr(registers, name);
	return registers && strstr(registers, text) &&
	       (strtoul(registers + strlen(name), NULL, 16) & mask) == value;
}

static void machine_look_at(struct machine *machine, int cpu)
{
	qmp_command(&machine->qmp, LOOK_ID + cpu, "human-monitor-command",
		    json_pack("{s:s, s:i}", "command-line", "info registers",
			      "cpu-index", cpu));
}

static void machine_look(struct loop_timer *timer)
{
	struct machine *machine = container_of(timer, struct machine, look);

	machine_look_at(machine, 0);
}

void machine_expect_halt(struct machine *machine)
{
	if (machine->looks || machine->is_asked)
		return;
	machine->looks = LOOKS;
	machine_look_at(machine, 0);
}

static void machine_take_look(struct machine *machine, int cpu,
			      const char *registers)
{
	if (!machine->looks)
		return;
	if (!registers || !machine_is_dead(registers, machine->halted)) {
		if (--machine->looks)
			loop_timer_set(machine->loop, &machine->look, LOOK_MS);
	} else if (cpu + 1 < machine->cpus) {
		machine_look_at(machine, cpu + 1);
	} else {
		machine->looks = 0;
		machine->event(machine, MACHINE_HALTED);
	}
}

static void machine_be_sick(struct machine *machine, bool *what)
{
	if (*what)
		return;
	*what = true;
	machine->event(machine, MACHINE_SICK);
}

/* Saved, or not because of this. */
static void machine_be_saved(struct machine *machine, const char *why_not)
{
	if (!machine->is_saving)
		return;
	machine->is_saving = false;
	if (why_not)
		machine->why_not = strdup(why_not);
	machine->event(machine, MACHINE_SAVED);
}

static void machine_take_migration(struct machine *machine, json_t *data)
{
	const char *status = json_string_value(json_object_get(data, "status"));

	if (!machine->is_saving || !status)
		return;
	if (!strcmp(status, "completed"))
		machine_be_saved(machine, NULL);
	else if (!strcmp(status, "failed"))
		qmp_command(&machine->qmp, WHY_ID, "query-migrate", NULL);
}

static void machine_take_why(struct machine *machine, json_t *ret)
{
	const char *why = json_string_value(json_object_get(ret, "error-desc"));

	machine_be_saved(machine, why ? why : "QEMU does not say why");
}

static void machine_take_answer(struct qmp *qmp, int id, json_t *ret,
				const char *why)
{
	struct machine *machine = container_of(qmp, struct machine, qmp);
	const char *status;

	if (id >= LOOK_ID && id < LOOK_ID + machine->cpus) {
		machine_take_look(machine, id - LOOK_ID,
				  json_string_value(ret));
	} else if (id == STATUS_ID) {
		status = json_string_value(json_object_get(ret, "status"));
		if (status && (!strcmp(status, "internal-error") ||
			       !strcmp(status, "io-error")))
			machine_be_sick(machine, &machine->is_broken);
	} else if (id == DUMP_ID) {
		machine->dump_err = ret ? 0 : -EIO;
		machine->event(machine, MACHINE_DUMPED);
	} else if (id == MONITOR_ID) {
		machine->is_monitoring = false;
		machine->monitor_text = json_string_value(ret);
		machine->event(machine, MACHINE_MONITORED);
	} else if (id == PAUSE_ID) {
		machine->event(machine, MACHINE_STILL);
	} else if (id == WHY_ID) {
		machine_take_why(machine, ret);
	} else if (id == SAVE_ID && !ret) {
		machine_be_saved(machine, why ? why : "QEMU does not say why");
	}
}

static bool machine_is_ours(json_t *data)
{
	const char *id = json_string_value(json_object_get(data, "id"));

	return id && !strcmp(id, "agent");
}

static void machine_take_shutdown(struct machine *machine, json_t *data)
{
	json_t *reason = json_object_get(data, "reason");

	/* Of one that was held QEMU says it again: how it came to that counts. */
	if (machine->is_quitting)
		return;
	machine->is_shut_down = true;
	machine->by_guest = json_is_true(json_object_get(data, "guest"));
	machine->is_powered_off = json_is_string(reason) &&
		!strcmp(json_string_value(reason), "guest-shutdown");
	if (machine->is_held)
		machine->event(machine, MACHINE_SHUT_DOWN);
}

static void machine_take_event(struct qmp *qmp, const char *name, json_t *data)
{
	struct machine *machine = container_of(qmp, struct machine, qmp);

	if (!strcmp(name, "SHUTDOWN")) {
		machine_take_shutdown(machine, data);
	} else if (!strcmp(name, "RESET")) {
		if (json_is_true(json_object_get(data, "guest")))
			machine->event(machine, MACHINE_RESET);
	} else if (!strcmp(name, "GUEST_PANICKED")) {
		machine_be_sick(machine, &machine->is_panicked);
	} else if (!strcmp(name, "WATCHDOG")) {
		machine->event(machine, MACHINE_WATCHDOG);
	} else if (!strcmp(name, "RESUME")) {
		machine->is_paused = false;
	} else if (!strcmp(name, "MIGRATION")) {
		machine_take_migration(machine, data);
	} else if (!strcmp(name, "STOP")) {
		/* By the user, or by an error: only the state tells. */
		machine->is_paused = true;
		qmp_command(qmp, STATUS_ID, "query-status", NULL);
	} else if (!strcmp(name, "VSERPORT_CHANGE") && machine_is_ours(data)) {
		machine->event(machine,
			       json_is_true(json_object_get(data, "open")) ?
			       MACHINE_PORT_OPEN : MACHINE_PORT_CLOSED);
	}
}

/* Keep the last of what QEMU printed. */
static void machine_keep(struct machine *machine, const char *text,
			 size_t count)
{
	size_t over;

	if (machine->said_count + count > MACHINE_SAID) {
		over = machine->said_count + count - MACHINE_SAID;
		machine->said_count -= over;
		memmove(machine->said, machine->said + over,
			machine->said_count);
	}
	memcpy(machine->said + machine->said_count, text, count);
	machine->said_count += count;
}

static ssize_t machine_hear(struct machine *machine)
{
	char text[MACHINE_SAID / 2];
	ssize_t n = fd_read(machine->output.fd, text, sizeof(text));

	if (n > 0)
		machine_keep(machine, text, n);
	return n;
}

static void machine_output_ready(struct loop_fd *fd, u32 events)
{
	struct machine *machine = container_of(fd, struct machine, output);
	ssize_t n = machine_hear(machine);

	(void)events;
	if (n <= 0 && n != -EAGAIN)
		loop_want(machine->loop, fd, 0);
}

static void machine_process_ended(struct loop_fd *fd, u32 events)
{
	struct machine *machine = container_of(fd, struct machine, process);

	(void)events;
	loop_want(machine->loop, fd, 0);
	loop_timer_cancel(machine->loop, &machine->limit);
	loop_timer_cancel(machine->loop, &machine->look);
	proc_wait(&machine->proc, -1, PROC_NEVER);
	machine->is_ended = true;
	qmp_drain(&machine->qmp);
	while (machine_hear(machine) > 0)
		;
	machine->event(machine, MACHINE_ENDED);
}

static void machine_limit_passed(struct loop_timer *timer)
{
	struct machine *machine = container_of(timer, struct machine, limit);

	machine->is_killed = true;
	proc_signal(&machine->proc, SIGKILL);
}

void machine_stop(struct machine *machine)
{
	if (machine->is_quitting || machine->is_ended)
		return;
	machine->is_quitting = true;
	machine->is_asked = !machine->is_shut_down;
	qmp_command(&machine->qmp, QUIT_ID, "quit", NULL);
	loop_timer_set(machine->loop, &machine->limit, QUIT_MS);
}

void machine_hold(struct machine *machine)
{
	machine->is_held = true;
	qmp_command(&machine->qmp, HOLD_ID, "set-action",
		    json_pack("{s:s}", "shutdown", "pause"));
}

int machine_dump(struct machine *machine, int fd)
{
	int err;

	err = qmp_give(&machine->qmp, GIVE_ID, "dump", fd);
	if (err < 0)
		return err;
	return qmp_command(&machine->qmp, DUMP_ID, "dump-guest-memory",
			   json_pack("{s:b, s:s}", "paging", false,
				     "protocol", "fd:dump"));
}

int machine_monitor(struct machine *machine, const char *command)
{
	int err;

	if (machine->is_monitoring)
		return -EBUSY;
	err = qmp_command(&machine->qmp, MONITOR_ID, "human-monitor-command",
			  json_pack("{s:s}", "command-line", command));
	machine->is_monitoring = !err;
	return err;
}

static void machine_set_capability(struct machine *machine, const char *name)
{
	qmp_command(&machine->qmp, CAPABILITIES_ID,
		    "migrate-set-capabilities",
		    json_pack("{s:[{s:s, s:b}]}", "capabilities",
			      "capability", name, "state", 1));
}

static int machine_make_pipe(int *reader, int *writer)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	*reader = fd[0];
	*writer = fd[1];
	return 0;
}

static int machine_make_pipes(struct machine *machine)
{
	int err;

	err = machine_make_pipe(&machine->std[0], &machine->keys);
	if (!err)
		err = machine_make_pipe(&machine->console, &machine->std[1]);
	if (!err)
		err = machine_make_pipe(&machine->output.fd, &machine->std[2]);
	if (err < 0)
		return err;

	fcntl(machine->output.fd, F_SETFL, O_NONBLOCK);
	/* It may be refused, and is enough as it is when we get our turns. */
	fcntl(machine->console, F_SETPIPE_SZ, CONSOLE_PIPE);
	return 0;
}

static int machine_make_socket(int *ours, int *theirs)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	*ours = fd[0];
	*theirs = fd[1];
	return 0;
}

/* Have the command tell the devices' state, or be told, over this socket. */
static int machine_move_state(struct machine *machine, int id,
			      const char *command)
{
	int ours = -1, theirs = -1;
	int err;

	err = machine_make_socket(&ours, &theirs);
	if (err < 0)
		return err;
	/* The memory is not to be told. */
	machine_set_capability(machine, "x-ignore-shared");
	err = qmp_give(&machine->qmp, GIVE_ID, "state", theirs);
	close(theirs);
	if (!err)
		err = qmp_command(&machine->qmp, id, command,
				  json_pack("{s:s}", "uri", "fd:state"));
	if (err < 0) {
		close(ours);
		return err;
	}
	fcntl(ours, F_SETFL, O_NONBLOCK);
	return ours;
}

int machine_save(struct machine *machine)
{
	machine->is_saving = true;
	/* It is to say when it is ready. */
	machine_set_capability(machine, "events");
	return machine_move_state(machine, SAVE_ID, "migrate");
}

int machine_load(struct machine *machine)
{
	return machine_move_state(machine, LOAD_ID, "migrate-incoming");
}

void machine_pause(struct machine *machine)
{
	qmp_command(&machine->qmp, PAUSE_ID, "stop", NULL);
}

void machine_continue(struct machine *machine)
{
	qmp_command(&machine->qmp, CONTINUE_ID, "cont", NULL);
}

static void machine_begin(struct machine *machine, struct loop *loop,
			  const struct plan *plan)
{
	int i;

	machine->loop = loop;
	machine->cpus = plan->cpus;
	machine->halted = processor_text(plan->processor, "halted");
	machine->table = processor_text(plan->processor, "table");
	machine->limit.fire = machine_limit_passed;
	machine->look.fire = machine_look;
	machine->output = (struct loop_fd){ .fd = -1,
					    .ready = machine_output_ready };
	for (i = 0; i < MACHINE_ENDS; i++)
		machine->theirs[i] = -1;
	machine->memory = -1;
	for (i = 0; i < 3; i++)
		machine->std[i] = -1;
}

int machine_init(struct machine *machine, struct loop *loop,
		 const struct plan *plan, const char *dir)
{
	int i, err;

	machine_begin(machine, loop, plan);
	err = machine_make_pipes(machine);
	for (i = 0; i < MACHINE_CHANNELS && !err; i++)
		err = machine_make_socket(&machine->ours[i],
					  &machine->theirs[i]);
	if (err < 0)
		return err;

	machine->theirs[MACHINE_GDB] = sock_listen(dir, GDB_NAME, 1);
	return machine->theirs[MACHINE_GDB] < 0 ?
		machine->theirs[MACHINE_GDB] : 0;
}

static void machine_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void machine_close_theirs(struct machine *machine)
{
	int i;

	for (i = 0; i < MACHINE_ENDS; i++)
		machine_close_fd(&machine->theirs[i]);
	machine_close_fd(&machine->memory);
	for (i = 0; i < 3; i++)
		machine_close_fd(&machine->std[i]);
}

void machine_fini(struct machine *machine)
{
	if (!machine->loop)
		return;
	if (machine->is_started && !machine->is_ended)
		proc_kill(&machine->proc);
	loop_timer_cancel(machine->loop, &machine->limit);
	loop_timer_cancel(machine->loop, &machine->look);
	machine_close_theirs(machine);
	qmp_close(&machine->qmp);
	loop_want(machine->loop, &machine->output, 0);
	machine_close_fd(&machine->output.fd);
	free(machine->why_not);
}

void machine_unlink(const char *dir)
{
	sock_unlink(dir, GDB_NAME);
}

char *machine_end(const struct machine *machine, enum machine_channel channel)
{
	return str_printf("socket,fd=%d", machine->theirs[channel]);
}

/* QEMU lives: listen to it. */
static int machine_watch(struct machine *machine)
{
	machine->is_started = true;
	machine->process = (struct loop_fd){ .fd = machine->proc.fd,
					     .ready = machine_process_ended };
	machine->qmp.event = machine_take_event;
	machine->qmp.answer = machine_take_answer;
	loop_want(machine->loop, &machine->process, EPOLLIN);
	loop_want(machine->loop, &machine->output, EPOLLIN);
	return qmp_open(&machine->qmp, machine->loop,
			machine->ours[MACHINE_QMP]);
}

int machine_start(struct machine *machine, const char *path,
		  char *const *argv, const char *dir, const sigset_t *mask)
{
	int keep[MACHINE_ENDS + 1];
	const struct proc_spec spec = {
		.path = path,
		.argv = argv,
		.mask = mask,
		.death_signal = SIGKILL,
		.dir = dir,
		/* For drgn; who has the monitor's socket could as well ask QEMU. */
		.is_open = true,
		.keep = keep,
		.keeps = MACHINE_ENDS + (machine->memory >= 0),
		.std = machine->std,
	};
	int err;

	memcpy(keep, machine->theirs, sizeof(machine->theirs));
	keep[MACHINE_ENDS] = machine->memory;
	err = proc_spawn(&machine->proc, &spec);
	machine_close_theirs(machine);
	return err ? err : machine_watch(machine);
}

int machine_adopt(struct machine *machine, struct loop *loop,
		  const struct plan *plan, const struct machine_ends *ends,
		  int teller)
{
	machine_begin(machine, loop, plan);
	memcpy(machine->ours, ends->channel, sizeof(machine->ours));
	machine->console = ends->console;
	machine->keys = ends->keys;
	machine->output.fd = ends->output;
	machine->proc = (struct proc){ .pid = ends->pid, .fd = ends->process,
				       .teller = teller };
	return machine_watch(machine);
}

struct machine_ends machine_ends(const struct machine *machine)
{
	struct machine_ends ends = {
		.console = machine->console,
		.keys = machine->keys,
		.output = machine->output.fd,
		.process = machine->proc.fd,
		.pid = machine->proc.pid,
	};

	memcpy(ends.channel, machine->ours, sizeof(ends.channel));
	return ends;
}

bool machine_is_quiet(const struct machine *machine)
{
	return !queue_count(&machine->qmp.in) && !queue_count(&machine->qmp.out);
}

void machine_give(struct machine *machine)
{
	qmp_close(&machine->qmp);
	loop_want(machine->loop, &machine->output, 0);
	machine_close_fd(&machine->output.fd);
	machine_close_fd(&machine->console);
	machine_close_fd(&machine->keys);
}
