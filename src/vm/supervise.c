// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "args.h"
#include "ask.h"
#include "cleaner.h"
#include "control.h"
#include "core.h"
#include "fresh.h"
#include "machine.h"
#include "macros.h"
#include "omen.h"
#include "person.h"
#include "result.h"
#include "say.h"
#include "str.h"
#include "supervise.h"
#include "term.h"

/* How long the guest may take to restart when it was told to. */
#define POWER_MS 2000

/* How long a saved machine may take to come up. */
#define LOAD_S 10

/* A kernel that panics resets at once, unless it was told otherwise. */
#define PANIC_MS 5000

#define NO_LOG "the kernel's log cannot be read"

struct supervisor {
	const struct supervise_spec *spec;
	struct loop loop;
	struct machine machine;
	struct fresh fresh;
	struct console console;
	struct agent agent;
	struct control control;
	struct person person;
	struct ask ask; /* what the command of ours says */
	struct tests tests;
	struct omens omens;
	struct splat_list *splat_list;
	struct splat_watch *splats;
	struct console_ear splat_ear;
	struct stream kmsg; /* each but the first is asked and forgotten */
	struct stream clock;
	struct stream entropy;
	struct stream name;
	struct stream share;
	struct stream power;

	struct loop_fd signals;
	struct loop_timer boot; /* until the agent's first word */
	struct loop_timer limit; /* the user's, for all */
	struct loop_timer panic; /* from the kernel's last words */
	struct loop_timer power_limit;

	char *dump; /* the file that is being written; NULL: none is */
	struct term term;
	struct cleaner cleaner;
	struct argv argv;
	struct result result;
	char *cause; /* why we ended the machine */
	long boot_limit; /* in seconds */
	long cpus;
	long long began;
	bool is_asking; /* the command runs, or its output is on its way */
	bool is_bye; /* the kernel said that it restarts */
	bool is_stirred; /* the guest has taken random numbers */
	bool is_log_read; /* the kernel's, to the end, and all was well */
	bool is_in_vain; /* what was saved did not come up: boot */
};

/* End the machine; the first cause is the one that counts. */
static void stop(struct supervisor *s, char *cause)
{
	if (s->cause)
		free(cause);
	else
		s->cause = cause;
	machine_stop(&s->machine);
}

/* A stream that is asked and forgotten. */
static void ignore(struct stream *stream, const struct frame *frame,
		   const char *data)
{
	(void)stream;
	(void)frame;
	(void)data;
}

/* Have the guest restart, which ends QEMU, within ms. */
static void power(struct supervisor *s, long long ms)
{
	char data[4];

	if (s->power.number || s->machine.is_asked)
		return;
	s->power.answer = ignore;
	frame_put32(data, LINUX_REBOOT_CMD_RESTART);
	if (!s->agent.is_up || agent_ask(&s->agent, &s->power, FRAME_POWER,
					 data, sizeof(data)) < 0)
		ms = 0;
	loop_timer_set(&s->loop, &s->power_limit, ms);
}

static void power_limit_passed(struct loop_timer *timer)
{
	stop(container_of(timer, struct supervisor, power_limit), NULL);
}

/* Of folders of the host */
static bool has_shares(const struct supervisor *s)
{
	size_t i;

	for (i = 0; i < s->argv.count; i++)
		if (strstr(s->argv.word[i], " KILN_SHARE"))
			return true;
	return false;
}

/*
 * The command has ended, and all is told.  A machine that was saved has nothing
 * that a shutdown would keep, unless it is in a folder, and is switched off.
 */
static void leave(struct supervisor *s)
{
	if (s->result.is_saved && !has_shares(s))
		machine_stop(&s->machine);
	else
		power(s, POWER_MS);
}

/* The log is told to its end, and no further. */
static void end_kmsg(struct supervisor *s)
{
	agent_send(&s->agent, &s->kmsg, FRAME_END, 0, NULL, 0);
}

static bool is_to_be_saved(const struct supervisor *s)
{
	return s->fresh.way == FRESH_SAVE && !s->machine.is_asked &&
	       !s->machine.is_ended;
}

/* The machine is up, and has said what it says until then: save it. */
static void save(struct supervisor *s, bool is_log_read)
{
	splat_watch_flush(s->splats);
	s->is_log_read = is_log_read;
	if (!is_log_read)
		fresh_give_up(&s->fresh, NO_LOG);
	else if (splat_watch_count(s->splats))
		fresh_give_up(&s->fresh, "the kernel complained");
	else
		fresh_save(&s->fresh);
}

static void take_kmsg(struct stream *stream, const struct frame *frame,
		      const char *data)
{
	struct supervisor *s = container_of(stream, struct supervisor, kmsg);
	char credit[4];
	u32 used = 0;

	if (frame->type == FRAME_DATA && frame->channel == 1) {
		splat_watch_kmsg(s->splats, data, frame->size);
		used = FRAME_WINDOW - stream->window[1];
	}
	/* Not for each record: they cost a boot under TCG 20 ms. */
	if (used >= FRAME_WINDOW / 2) {
		frame_put32(credit, used);
		agent_send(&s->agent, stream, FRAME_CREDIT, 1, credit,
			   sizeof(credit));
	}
	if (stream->number)
		return;
	if (is_to_be_saved(s) && s->is_stirred)
		save(s, frame->type == FRAME_DONE &&
		     !frame_get32(data));
	else if (s->result.facts.has_result)
		leave(s);
}

/* A machine that was saved had said nothing that counts until then. */
static void ask_kmsg(struct supervisor *s)
{
	char from_now[4];

	frame_put32(from_now, 1);
	s->kmsg.answer = take_kmsg;
	if (!s->kmsg.number)
		agent_ask(&s->agent, &s->kmsg, FRAME_KMSG, from_now,
			  s->is_log_read ? sizeof(from_now) : 0);
}

static void ask_clock(struct supervisor *s)
{
	struct timespec now;
	char data[12];

	clock_gettime(CLOCK_REALTIME, &now);
	frame_put32(frame_put64(data, now.tv_sec), now.tv_nsec);
	s->clock.answer = ignore;
	if (!s->clock.number)
		agent_ask(&s->agent, &s->clock, FRAME_CLOCK, data,
			  sizeof(data));
}

/* A machine that takes none must not be saved: those that go on were twins. */
static void take_entropy(struct stream *stream, const struct frame *frame,
			 const char *data)
{
	struct supervisor *s = container_of(stream, struct supervisor, entropy);

	if (!is_to_be_saved(s))
		return;
	if (frame->type != FRAME_DONE || frame_get32(data)) {
		fresh_give_up(&s->fresh, "the guest takes no random numbers");
	} else if (!s->kmsg.number) {
		fresh_give_up(&s->fresh, NO_LOG);
	} else {
		s->is_stirred = true;
		end_kmsg(s);
	}
}

static void ask_entropy(struct supervisor *s)
{
	char data[32];

	s->entropy.answer = take_entropy;
	if (!s->entropy.number && getrandom(data, sizeof(data), 0) > 0)
		agent_ask(&s->agent, &s->entropy, FRAME_ENTROPY, data,
			  sizeof(data));
}

/* One that no other machine has. */
static void ask_name(struct supervisor *s)
{
	const char *host = config_text(s->spec->lab->config, "ROOTFS_HOSTNAME");
	char name[65];
	u32 number;

	s->name.answer = ignore;
	if (s->name.number || getrandom(&number, sizeof(number), 0) < 0)
		return;
	snprintf(name, sizeof(name), "%.55s-%08x", host, number);
	agent_ask(&s->agent, &s->name, FRAME_NAME, name, strlen(name));
}

static void set_result(struct supervisor *s, int status)
{
	s->result.facts.has_result = true;
	s->result.facts.result = status;
}

static void take_result(struct supervisor *s, const struct ask *ask)
{
	const char *why = ask_why(ask);

	if (ask->output[0].err == -EPIPE) {
		s->result.facts.sig = SIGPIPE;
		stop(s, NULL);
	} else if (ask->output[0].err < 0) {
		set_result(s, EXIT_FAILURE);
		stop(s, str_printf("standard output: %s", why));
		say("standard output: %s", why);
	} else if (ask->is_exit) {
		set_result(s, ask->status);
	} else if (ask_is_lost(ask)) {
		/* If QEMU has ended, how it did tells more. */
		stop(s, s->machine.is_ended ? NULL : strdup(why));
	} else {
		/* As shells say it. */
		set_result(s, ask->err == -ENOENT ? 127 : 126);
		say("%s", why);
	}
}

/* The answer is here, and all that the command said is written. */
static void command_done(struct ask *ask)
{
	struct supervisor *s = container_of(ask, struct supervisor, ask);

	s->is_asking = false;
	take_result(s, ask);
	if (s->machine.is_ended) {
		loop_stop(&s->loop);
	} else if (s->kmsg.number) {
		loop_timer_set(&s->loop, &s->power_limit, POWER_MS);
		end_kmsg(s);
	} else {
		leave(s);
	}
}

/* Ctrl-A X */
static void command_left(struct ask *ask)
{
	struct supervisor *s = container_of(ask, struct supervisor, ask);

	s->result.facts.is_left = true;
	stop(s, strdup("the user left"));
}

static void start_command(struct supervisor *s)
{
	bool tty = term_is_ours() && isatty(STDOUT_FILENO);
	int std[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };
	u16 rows = 0, columns = 0;
	int pair[2];
	int err = 0;

	/* A job in the background would be stopped for reading. */
	if (isatty(STDIN_FILENO) && !term_is_ours())
		std[0] = -1;
	if (tty) {
		term_size(&rows, &columns);
		s->ask.leave = command_left;
	}
	s->ask.done = command_done;
	s->ask.tests = tty ? NULL : &s->tests;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		err = -errno;
	if (!err)
		err = control_add(&s->control, pair[0]);
	if (!err)
		err = ask_open(&s->ask, &s->loop, pair[1], std);
	if (!err)
		err = ask_run(&s->ask, s->spec->command, rows, columns);
	if (err < 0) {
		stop(s, str_printf("cannot pass the command on: %s",
				   strerror(-err)));
		return;
	}
	s->is_asking = true;
	if (tty)
		term_raw(&s->term);
}

/* The command finds the folders of the host, or does not run. */
static void take_share(struct stream *stream, const struct frame *frame,
		       const char *data)
{
	struct supervisor *s = container_of(stream, struct supervisor, share);
	char *why, *c;

	if (stream->number)
		return;
	if (!frame_get32(data)) {
		start_command(s);
		return;
	}
	why = str_printf("the host's folders are not there: %.*s",
			 (int)frame->size - 4, data + 4);
	/* The guest's words go to a terminal. */
	for (c = why; c && *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	stop(s, why);
}

/* They are mounted only now, for a machine that has any cannot be saved. */
static void ask_share(struct supervisor *s)
{
	s->share.answer = take_share;
	if (agent_ask(&s->agent, &s->share, FRAME_SHARE, NULL, 0) < 0)
		stop(s, strdup("the agent in the guest is gone"));
}

/* Who started us goes on now, and with it the standard error. */
static void tell_ready(int fd)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	dup2(null, STDERR_FILENO);
	close(null);
	if (write(fd, "", 1) < 0)
		say("nobody waits");
}

/* What each agent is told, before anything else. */
static void brief(struct supervisor *s)
{
	ask_kmsg(s);
	ask_clock(s);
	ask_entropy(s);
	if (s->spec->command)
		ask_name(s);
}

static void start(struct supervisor *s)
{
	brief(s);
	if (s->spec->ready >= 0 && !s->spec->gdb)
		tell_ready(s->spec->ready);
	if (s->spec->command && has_shares(s))
		ask_share(s);
	else if (s->spec->command)
		start_command(s);
	if (s->spec->save) {
		set_result(s, s->fresh.is_kept ? 0 : EXIT_FAILURE);
		machine_stop(&s->machine);
	}
}

static void machine_saved(struct fresh *fresh)
{
	struct supervisor *s = container_of(fresh, struct supervisor, fresh);

	if (!s->machine.is_asked && !s->machine.is_ended)
		start(s);
}

/* The agent's first word, or that of another agent. */
static void hello(struct agent *agent)
{
	struct supervisor *s = container_of(agent, struct supervisor, agent);
	bool is_first = !s->result.facts.is_up;

	if (is_first) {
		s->result.facts.is_up = true;
		s->result.up_ms = loop_now() - s->began;
		loop_timer_cancel(&s->loop, &s->boot);
		accel_confirm(s->spec->accel, s->spec->accel_spec);
	}
	if (is_first && s->fresh.way != FRESH_SAVE)
		start(s);
	else if (is_first || s->fresh.way != FRESH_SAVE)
		brief(s);
}

static void boot_limit_passed(struct loop_timer *timer)
{
	struct supervisor *s = container_of(timer, struct supervisor, boot);

	/* A debugger takes its time. */
	if (s->machine.is_paused) {
		loop_timer_set(&s->loop, timer, s->boot_limit * 1000LL);
		return;
	}
	if (s->fresh.way == FRESH_LOAD)
		stop(s, str_printf("it did not come up in %ld s",
				   s->boot_limit));
	else
		stop(s, str_printf("the machine did not come up in %ld s (VM_BOOT_TIMEOUT)",
				   s->boot_limit));
}

static void limit_passed(struct loop_timer *timer)
{
	struct supervisor *s = container_of(timer, struct supervisor, limit);

	s->result.facts.is_timed_out = true;
	stop(s, str_printf("the time limit of %d s passed", s->spec->timeout));
	/* An output that nobody reads does not prolong it. */
	s->is_asking = false;
	if (s->machine.is_ended)
		loop_stop(&s->loop);
}

/* The title of the first report, of this kind unless that is NULL; or NULL. */
static const char *title(const struct supervisor *s, const char *kind)
{
	struct splat splat;
	size_t i;

	for (i = 0; i < splat_watch_count(s->splats); i++) {
		splat_watch_get(s->splats, i, &splat);
		if (!kind || !strcmp(splat.kind, kind))
			return splat.title;
	}
	return NULL;
}

static bool has_panicked(const struct supervisor *s)
{
	return title(s, "panic") || s->machine.is_panicked;
}

static void panic_limit_passed(struct loop_timer *timer)
{
	struct supervisor *s = container_of(timer, struct supervisor, panic);

	if (s->machine.is_paused || s->dump) {
		loop_timer_set(&s->loop, timer, PANIC_MS);
		return;
	}
	splat_watch_flush(s->splats);
	if (has_panicked(s))
		stop(s, strdup("the kernel panicked"));
}

static void omen_seen(struct omens *omens, enum omen omen)
{
	struct supervisor *s = container_of(omens, struct supervisor, omens);

	s->is_bye |= omen == OMEN_RESTART;
	if (omen == OMEN_HALT)
		machine_expect_halt(&s->machine);
	/* A person may have told the kernel to wait, and look at it. */
	else if (omen == OMEN_PANIC && !s->person.is_tty)
		loop_timer_set(&s->loop, &s->panic, PANIC_MS);
}

static void hear_splats(struct console_ear *ear, const char *bytes,
			size_t count)
{
	struct supervisor *s = container_of(ear, struct supervisor, splat_ear);

	splat_watch_console(s->splats, bytes, count);
}

static void machine_ended(struct supervisor *s)
{
	console_drain(&s->console);
	link_drain(&s->agent.link);
	agent_close(&s->agent);
	/* What the command said last is still on its way to the output. */
	if (!s->is_asking || s->result.facts.sig)
		loop_stop(&s->loop);
}

/* Begin to write the memory to path, by way of another file beside it. */
static int begin_dump(struct supervisor *s, const char *path)
{
	int fd = -1, err;
	char *half;

	if (s->dump)
		return -EBUSY;
	s->dump = *path ? strdup(path) :
			  str_printf("%s/vmcore", s->result.last);
	half = s->dump ? str_printf("%s.tmp", s->dump) : NULL;
	if (half)
		fd = open(half, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || lseek(fd, CORE_ROOM, SEEK_SET) < 0)
		err = half ? -errno : -ENOMEM;
	else
		err = machine_dump(&s->machine, fd);
	if (fd >= 0)
		close(fd);
	if (err < 0) {
		if (fd >= 0)
			unlink(half);
		free(s->dump);
		s->dump = NULL;
	}
	free(half);
	return err;
}

static int end_dump(struct supervisor *s)
{
	char *half = str_printf("%s.tmp", s->dump);
	int err = half ? s->machine.dump_err : -ENOMEM;

	if (!err)
		err = core_map(half);
	if (!err && rename(half, s->dump) < 0)
		err = -errno;
	if (err && half)
		unlink(half);
	free(half);
	free(s->dump);
	s->dump = NULL;
	return err;
}

static void dumped(struct supervisor *s)
{
	int err = end_dump(s);

	control_dumped(&s->control, err);
	if (!s->machine.is_shut_down && !s->result.facts.is_bitten)
		return;
	s->result.is_dumped = !err;
	if (err)
		say("the machine's memory could not be written: %s",
		    strerror(-err));
	machine_stop(&s->machine);
}

/* It waits for us: read its memory if that is worth it. */
static void shut_down(struct supervisor *s)
{
	int err = 0;

	console_drain(&s->console);
	link_drain(&s->agent.link);
	splat_watch_flush(s->splats);
	if (!has_panicked(s)) {
		machine_stop(&s->machine);
		return;
	}
	/* One that a client asked for is ended first. */
	if (!s->dump)
		err = begin_dump(s, "");
	if (err < 0) {
		say("the machine's memory could not be written: %s",
		    strerror(-err));
		machine_stop(&s->machine);
	}
}

/* Nobody fed the watchdog.  The machine stands still: read its memory, too. */
static void bitten(struct supervisor *s)
{
	if (!config_is_on(s->spec->lab->config, "VM_WATCHDOG") ||
	    s->result.facts.is_bitten)
		return;
	s->result.facts.is_bitten = true;
	if (!s->cause)
		s->cause = strdup("the watchdog expired: no program of the guest fed it in time");
	if (!config_is_on(s->spec->lab->config, "VM_DUMP") ||
	    (!s->dump && begin_dump(s, "") < 0))
		stop(s, NULL);
}

static int monitor_asked(struct control *control, const char *command)
{
	return machine_monitor(&container_of(control, struct supervisor,
					     control)->machine, command);
}

static int dump_asked(struct control *control, const char *path)
{
	return begin_dump(container_of(control, struct supervisor, control),
			  path);
}

static void machine_event(struct machine *machine, enum machine_event event)
{
	struct supervisor *s = container_of(machine, struct supervisor,
					    machine);
	struct end_facts *facts = &s->result.facts;

	switch (event) {
	case MACHINE_PORT_OPEN:
		if (facts->is_up && !s->agent.is_up)
			agent_greet(&s->agent);
		break;
	case MACHINE_PORT_CLOSED:
		link_drain(&s->agent.link);
		agent_gone(&s->agent);
		break;
	case MACHINE_RESET:
		if (s->is_asking)
			stop(s, strdup("the machine was reset"));
		break;
	case MACHINE_SICK:
		if (machine->is_panicked && !s->person.is_tty)
			loop_timer_set(&s->loop, &s->panic, PANIC_MS);
		if (machine->is_broken)
			stop(s, strdup("QEMU cannot go on: the accelerator or a disk failed"));
		break;
	case MACHINE_SHUT_DOWN:
		shut_down(s);
		break;
	case MACHINE_DUMPED:
		dumped(s);
		break;
	case MACHINE_MONITORED:
		control_monitored(&s->control, machine->monitor_text);
		break;
	case MACHINE_BITTEN:
		bitten(s);
		break;
	case MACHINE_HALTED:
		facts->is_clean = true;
		stop(s, NULL);
		break;
	case MACHINE_SAVED:
		fresh_machine_saved(&s->fresh);
		break;
	case MACHINE_ENDED:
		machine_ended(s);
		break;
	}
}

static void signal_came(struct loop_fd *fd, u32 events)
{
	struct supervisor *s = container_of(fd, struct supervisor, signals);
	struct signalfd_siginfo info;
	u16 rows, columns;

	(void)events;
	if (read(fd->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH) {
		term_size(&rows, &columns);
		if (s->ask.leave)
			ask_resize(&s->ask, rows, columns);
		return;
	}
	if (!s->result.facts.sig)
		s->result.facts.sig = info.ssi_signo;
	stop(s, NULL);
	if (s->machine.is_ended)
		loop_stop(&s->loop);
}

static void person_gone(struct person *person, int err)
{
	struct supervisor *s = container_of(person, struct supervisor, person);

	if (s->result.facts.has_command || s->result.facts.sig)
		return;
	s->result.facts.sig = err == -EPIPE ? SIGPIPE : SIGHUP;
	stop(s, NULL);
}

static void add(json_t *json, const char *key, json_t *value)
{
	json_object_set_new(json, key, value);
}

/* For `vm status` */
static char *make_status(struct control *control)
{
	struct supervisor *s = container_of(control, struct supervisor,
					    control);
	const char *state = s->agent.is_up ? "up" : "booting";
	json_t *json = json_object();
	char *text;

	if (s->machine.is_asked)
		state = "ending";
	else if (s->machine.is_paused)
		state = "paused";
	else if (s->result.facts.is_up && !s->agent.is_up)
		state = "without agent";
	add(json, "state", json_string(state));
	add(json, "pid", json_integer(getpid()));
	add(json, "qemu_pid", json_integer(s->machine.proc.pid));
	add(json, "accelerator", json_string(s->result.accel));
	add(json, "seconds", json_real((loop_now() - s->began) / 1000.0));
	if (s->result.facts.is_up)
		add(json, "boot_seconds", json_real(s->result.up_ms / 1000.0));
	add(json, "complaints",
	    json_integer(splat_watch_count(s->splats)));
	add(json, "console_bytes", json_integer(s->console.count));
	text = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	json_decref(json);
	return text;
}

static void stop_asked(struct control *control, u32 ms)
{
	struct supervisor *s = container_of(control, struct supervisor,
					    control);

	s->result.facts.is_stopped = true;
	if (!s->cause)
		s->cause = strdup("it was stopped");
	power(s, ms);
}

static void set_timers(struct supervisor *s)
{
	const struct supervise_spec *spec = s->spec;

	s->boot.fire = boot_limit_passed;
	s->limit.fire = limit_passed;
	s->panic.fire = panic_limit_passed;
	s->power_limit.fire = power_limit_passed;

	if (config_number(spec->lab->config, "VM_BOOT_TIMEOUT",
			  &s->boot_limit) < 0)
		s->boot_limit = 60;
	if (s->fresh.way == FRESH_LOAD)
		s->boot_limit = LOAD_S;
	/* A person sees that nothing comes. */
	if (s->boot_limit && !spec->gdb &&
	    (s->result.facts.has_command || !isatty(STDIN_FILENO)))
		loop_timer_set(&s->loop, &s->boot, s->boot_limit * 1000LL);
	if (spec->timeout)
		loop_timer_set(&s->loop, &s->limit, spec->timeout * 1000LL);
}

/* Choose how it begins, by the command without what each run has. */
static int choose_way(struct supervisor *s, const struct args_run *run,
		      char **why)
{
	const struct supervise_spec *spec = s->spec;
	struct argv argv = {};
	struct fresh_spec fresh = {
		.lab = spec->lab,
		.is_kvm = run->kvm,
		.renew = spec->renew,
		.is_asked = spec->save,
	};
	int err;

	/*
	 * A person's machine has an init that does what it likes; arguments for
	 * the kernel, or a debugger, are there to see it boot.
	 */
	if (!run->no_init || spec->boot || spec->append || spec->gdb)
		return 0;
	err = args_machine(&argv, spec->lab->config, spec->lab->dir, run, why);
	fresh.words = argv.word;
	s->fresh.saved = machine_saved;
	if (!err)
		err = fresh_choose(&s->fresh, &s->loop, &s->machine, &fresh);
	argv_fini(&argv);
	return err;
}

static int make_command(struct supervisor *s)
{
	const struct supervise_spec *spec = s->spec;
	char *end[MACHINE_ENDS];
	char *memory = NULL;
	struct args_run run = {
		.kvm = spec->accel->kvm,
		.no_init = s->result.facts.has_command,
		.is_root = !geteuid(),
		.qmp = ARGS_PASTED_QMP,
		.agent = ARGS_PASTED_AGENT,
		.gdb = ARGS_PASTED_GDB,
		.is_waiting = spec->gdb,
		.append = spec->append,
	};
	char *why = NULL;
	int i, err;

	err = choose_way(s, &run, &why);
	for (i = 0; i < MACHINE_ENDS; i++)
		end[i] = machine_end(&s->machine, i);
	run.qmp = end[MACHINE_QMP];
	run.agent = end[MACHINE_AGENT];
	run.gdb = end[MACHINE_GDB];
	run.is_saved = s->fresh.way == FRESH_LOAD;

	if (!err)
		err = fresh_memory(&s->fresh, &memory);
	run.memory = memory;
	if (!err && !(run.qmp && run.agent && run.gdb))
		err = -ENOMEM;
	if (!err)
		err = args_machine(&s->argv, spec->lab->config, spec->lab->dir,
				   &run, &why);
	if (err < 0)
		s->cause = why ? why : strdup(strerror(-err));
	for (i = 0; i < MACHINE_ENDS; i++)
		free(end[i]);
	free(memory);
	s->result.qemu = err ? NULL : s->argv.word;
	return err;
}

static int open_splats(struct supervisor *s)
{
	char *splats = lab_path(s->spec->lab, "splats");
	char *allowed = lab_path(s->spec->lab, "allowed");
	int err = -ENOMEM;

	if (splats && allowed)
		err = splat_list_open(&s->splat_list, splats, allowed,
				      &s->cause);
	if (!err)
		err = splat_watch_open(&s->splats, s->splat_list);
	free(splats);
	free(allowed);
	return err;
}

/* The channels' ends and all who listen.  Returns 0 or -errno. */
static int open_channels(struct supervisor *s)
{
	int err;

	err = console_open(&s->console, &s->loop,
			   s->machine.console, s->machine.keys);
	if (err < 0)
		return err;
	s->splat_ear.hear = hear_splats;
	console_listen(&s->console, &s->splat_ear);
	s->omens.seen = omen_seen;
	omens_open(&s->omens, &s->console);

	s->agent.hello = hello;
	err = agent_open(&s->agent, &s->loop, s->machine.ours[MACHINE_AGENT]);
	if (err < 0)
		return err;

	s->control.status = make_status;
	s->control.stop = stop_asked;
	s->control.dump = dump_asked;
	s->control.monitor = monitor_asked;
	control_init(&s->control, &s->loop, &s->agent, &s->console);
	err = control_listen(&s->control, s->spec->lab->work);
	if (err < 0)
		s->cause = str_printf("%s/control: %s", s->spec->lab->work,
				      strerror(-err));
	return err;
}

static void log_console(struct supervisor *s)
{
	char *path = str_printf("%s/console.log", s->result.last);

	if (path)
		console_log(&s->console, path);
	free(path);
}

/* Who sits at the console: the user, or one who only watches a command. */
static void seat_person(struct supervisor *s)
{
	const struct supervise_spec *spec = s->spec;
	bool may_read = !isatty(STDIN_FILENO) || term_is_ours();

	s->person.gone = person_gone;
	if (s->result.facts.has_command && spec->verbose) {
		person_open(&s->person, &s->console, -1, STDERR_FILENO);
	} else if (!s->result.facts.has_command && spec->ready < 0) {
		person_open(&s->person, &s->console,
			    may_read ? STDIN_FILENO : -1, STDOUT_FILENO);
		if (may_read)
			term_raw(&s->term);
	}
}

/* The command's first word is QEMU, or what starts it.  Returns 0 or -errno. */
static int start_machine(struct supervisor *s)
{
	const struct lab *lab = s->spec->lab;
	const char *name = s->argv.word[0];
	char *path;
	int err;

	err = proc_find(&path, name);
	if (err < 0)
		goto out_say;
	err = machine_start(&s->machine, path, s->argv.word, lab->work,
			    s->spec->mask);
	free(path);
out_say:
	if (err < 0)
		s->cause = str_printf("cannot start %s: %s", name,
				      strerror(-err));
	return err;
}

/* Start the machine and all that watches it.  Returns 0 or -errno. */
static int begin(struct supervisor *s)
{
	const struct supervise_spec *spec = s->spec;
	int err;

	if (config_number(spec->lab->config, "VM_CPUS", &s->cpus) < 0)
		s->cpus = 1;
	s->machine.event = machine_event;
	err = open_splats(s);
	if (!err)
		err = machine_init(&s->machine, &s->loop, s->cpus,
				   spec->lab->work);
	if (!err)
		err = make_command(s);
	if (!err)
		err = open_channels(s);
	if (err < 0)
		return err;

	log_console(s);
	s->signals = (struct loop_fd){ .fd = spec->signals,
				       .ready = signal_came };
	loop_want(&s->loop, &s->signals, EPOLLIN);

	err = start_machine(s);
	if (err < 0)
		return err;
	s->result.facts.is_started = true;
	if (config_is_on(spec->lab->config, "VM_DUMP"))
		machine_hold(&s->machine);
	s->result.is_saved = s->fresh.way == FRESH_LOAD;
	s->is_log_read = s->result.is_saved;
	err = fresh_load(&s->fresh, &s->cause);
	if (err < 0)
		return err;
	set_timers(s);
	seat_person(s);
	/* Nothing happens until a debugger has come. */
	if (spec->gdb && spec->ready >= 0)
		tell_ready(spec->ready);
	return 0;
}

/* How QEMU ended by itself, in words. */
static char *why_ended(const struct supervisor *s)
{
	const struct machine *machine = &s->machine;
	const struct end_facts *facts = &s->result.facts;
	char *end, *why;

	if (facts->has_result)
		return str_printf("the command ended with status %d",
				  facts->result);
	if (facts->sig)
		return str_printf("SIG%s came", sigabbrev_np(facts->sig));
	if (facts->is_clean && facts->has_command)
		return strdup("the guest shut down, and the command is lost");
	if (facts->is_clean)
		return strdup("the guest shut down");
	if (machine->is_shut_down && machine->by_guest)
		return strdup("the machine reset without a word, as by a triple fault");
	if (facts->is_left)
		return strdup("the user left");

	end = proc_end_text(machine->proc.status);
	why = str_printf("QEMU %s", end ? end : "failed");
	free(end);
	return why;
}

static void gather_facts(struct supervisor *s)
{
	const struct machine *machine = &s->machine;
	struct end_facts *facts = &s->result.facts;

	splat_watch_flush(s->splats);
	facts->splats = splat_watch_count(s->splats);
	facts->is_panicked = has_panicked(s);
	facts->failed_tests = s->tests.failed;
	if (!machine->is_asked && machine->is_shut_down && machine->by_guest)
		facts->is_clean |= s->is_bye || machine->is_powered_off;
	else if (!machine->is_asked && machine->is_ended)
		facts->is_left |= !machine->proc.status;
}

/* How it ended, for result.json and the user. */
static void conclude(struct supervisor *s)
{
	struct result *result = &s->result;
	const char *panic;
	char *why = NULL;

	if (s->splats)
		gather_facts(s);
	panic = result->facts.is_panicked ? title(s, "panic") : NULL;
	result->end = end_of(&result->facts);
	result->ms = loop_now() - s->began;
	result->said = s->machine.said;
	result->console = s->console.loop ? &s->console : NULL;
	result->splats = s->splats;
	result->tests = &s->tests;
	if (result->facts.is_panicked)
		why = strdup(panic ? panic : "the kernel panicked");
	else if (result->end.status == END_COMPLAINED &&
		 result->facts.splats)
		why = str_printf("the kernel complained: %s", title(s, NULL));
	else if (s->cause)
		why = strdup(s->cause);
	else
		why = why_ended(s);
	free(s->cause);
	s->cause = why;
	result->why = why ? why : "out of memory";
}

/* QEMU has ended; nobody waits but the user, who may press Ctrl-C. */
static void decode_splats(struct supervisor *s)
{
	struct decode_spec spec = { .lab = s->spec->lab,
				    .mask = s->spec->mask,
				    .signals = s->spec->signals };
	int err;

	if (!s->splats || !splat_watch_count(s->splats))
		return;
	err = decode(&s->result.decoded, &spec, s->splats);
	if (err < 0 && err != -EAGAIN)
		say("not all reports could be decoded: %s", strerror(-err));
}

static void tell(struct supervisor *s)
{
	int err;

	decode_splats(s);
	result_say(&s->result);
	if (s->console.log_err < 0)
		say("%s/console.log is not complete: %s", s->result.last,
		    strerror(-s->console.log_err));
	err = result_write(&s->result);
	if (err < 0)
		say("%s/result.json cannot be written: %s", s->result.last,
		    strerror(-err));
}

/* Did what was saved not come up, though nobody and nothing stopped it? */
static bool is_in_vain(const struct supervisor *s)
{
	const struct end_facts *facts = &s->result.facts;

	return s->fresh.way == FRESH_LOAD && facts->is_started &&
	       !facts->is_up && !facts->sig && !facts->is_timed_out &&
	       !facts->is_stopped;
}

static void finish(struct supervisor *s)
{
	ask_close(&s->ask);
	agent_close(&s->agent);
	person_close(&s->person);
	term_restore(&s->term);
	s->is_in_vain = is_in_vain(s);
	conclude(s);
	if (s->is_in_vain) {
		say("the saved machine cannot be used: %s; booting",
		    s->result.why);
		fresh_forget(&s->fresh);
	} else {
		tell(s);
	}

	/* QEMU ended before it was complete. */
	if (s->dump) {
		s->machine.dump_err = -EIO;
		control_dumped(&s->control, end_dump(s));
	}
	/* Who is told of the end finds all free for the next machine. */
	control_unlink(s->spec->lab->work);
	machine_unlink(s->spec->lab->work);
	cleaner_dismiss(&s->cleaner);
	if (!s->is_in_vain)
		close(s->spec->lock);
	control_close(&s->control);

	fresh_fini(&s->fresh);
	console_close(&s->console);
	machine_fini(&s->machine);
	decoded_fini(&s->result.decoded);
	splat_watch_close(s->splats);
	splat_list_close(s->splat_list);
	argv_fini(&s->argv);
	loop_fini(&s->loop);
	free(s->cause);
}

static int prepare(struct supervisor *s)
{
	static const char *const files[] = {
		"control", "gdb", "accel.tmp", "last/result.json.tmp",
		"last/reproduce.sh.tmp", "last/vmcore.tmp",
		"state/" STATE_NEW, NULL
	};
	const struct supervise_spec *spec = s->spec;
	struct cleaner_spec cleaner = {
		.term = &s->term,
		.dir = spec->lab->work,
		.files = files,
		.lock = spec->lock,
	};
	int err;

	term_save(&s->term);
	s->began = loop_now();
	s->result = (struct result){
		.last = lab_work_path(spec->lab, "last"),
		.lab = spec->lab->dir,
		.command = spec->command,
		.accel = spec->accel->kvm ? "kvm" : "tcg",
		.began = time(NULL),
		.timeout = spec->timeout,
		.facts.has_command = spec->command || spec->save,
		.boot = spec->boot,
		.save = spec->save,
	};
	if (!s->result.last)
		return -ENOMEM;
	if (mkdir(s->result.last, 0777) < 0 && errno != EEXIST) {
		err = -errno;
		say("%s: %s", s->result.last, strerror(-err));
		return err;
	}
	result_remove(s->result.last);
	return cleaner_start(&s->cleaner, &cleaner);
}

/* Returns the exit status, or -EAGAIN if what was saved did not come up. */
static int supervise_once(const struct supervise_spec *spec, int *sig)
{
	struct supervisor *s = calloc(1, sizeof(*s));
	int status = END_NOT_STARTED;
	int err;

	if (!s)
		return status;
	s->spec = spec;
	err = loop_init(&s->loop);
	if (!err)
		err = prepare(s);
	if (!err)
		err = begin(s);
	if (!err)
		err = loop_run(&s->loop);
	if (err < 0 && !s->cause)
		s->cause = strdup(strerror(-err));

	finish(s);
	*sig = s->result.facts.sig;
	status = s->is_in_vain ? -EAGAIN : s->result.end.status;
	free((char *)s->result.last);
	free(s);
	return status;
}

int supervise(const struct supervise_spec *spec, int *sig)
{
	struct supervise_spec again = *spec;
	int status = supervise_once(spec, sig);

	if (status != -EAGAIN)
		return status;
	again.renew = true;
	return supervise_once(&again, sig);
}
