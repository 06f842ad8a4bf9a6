// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest, QEMU and the user do, and what follows from that
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lib/macros.h"
#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/run/supervisor.h"
#include "vm/say.h"

/* How long the guest may take to restart when it was told to. */
#define POWER_MS 2000

/*
 * The command or the input has ended, and the log has been read.  A machine from a
 * saved state has nothing to lose but data in the host's folders: without these it
 * need not shut down.
 */
static void react_leave(struct supervisor *s)
{
	if (s->result.is_saved && !plan_has_shares(&s->spec->launch.lab->plan))
		machine_stop(&s->machine);
	else
		power_off(&s->power, POWER_MS);
}

/* Nothing is left to do: read the log up to here, then end the machine. */
static void react_wind_up(struct supervisor *s)
{
	s->is_done = true;
	if (s->machine.is_ended) {
		loop_stop(&s->loop);
	} else if (brief_is_reading(&s->brief)) {
		power_set_limit(&s->power, POWER_MS);
		brief_end_log(&s->brief);
	} else {
		react_leave(s);
	}
}

/* The command is over: whatever becomes of the last line, so is the run. */
static void react_part(struct supervisor *s)
{
	int err;

	if (!s->spec->at_end || !s->command.has_status || s->machine.is_asked ||
	    s->machine.is_ended) {
		react_wind_up(s);
		return;
	}
	err = parting_start(&s->parting, &s->loop, &s->service.control,
			    s->spec->at_end, s->result.folder);
	if (err < 0) {
		say("the command at the end cannot be run: %s", strerror(-err));
		react_wind_up(s);
	}
}

static void react_parting_ended(struct parting *parting)
{
	react_wind_up(container_of(parting, struct supervisor, parting));
}

static void react_command_ended(struct command *command)
{
	struct supervisor *s = container_of(command, struct supervisor,
					    command);

	if (command->has_status)
		verdict_set_result(&s->verdict, command->status);
	if (command->is_closed) {
		s->verdict.facts.sig = SIGPIPE;
		supervise_stop(s, NULL);
	} else if (command->why) {
		/* If the agent is lost with QEMU, QEMU's end tells more. */
		if (s->machine.is_ended && !command->has_status)
			supervise_stop(s, NULL);
		else
			supervise_stop(s, xstrdup(command->why));
	}
	react_part(s);
}

static void react_command_left(struct command *command)
{
	struct supervisor *s = container_of(command, struct supervisor,
					    command);

	s->verdict.facts.is_left = true;
	supervise_stop(s, xstrdup("the user left"));
}

/* All of the input was typed, and who read it has ended: so does the machine. */
static void react_typist_ended(struct typist *typist, char *why)
{
	struct supervisor *s = container_of(typist, struct supervisor, typist);

	if (why) {
		supervise_stop(s, why);
		return;
	}
	s->verdict.facts.is_clean = true;
	verdict_blame(&s->verdict, xstrdup("standard input ended"));
	react_wind_up(s);
}

static void react_command_hung_up(struct command *command)
{
	struct supervisor *s = container_of(command, struct supervisor,
					    command);

	if (!s->verdict.facts.sig)
		s->verdict.facts.sig = SIGHUP;
	supervise_stop(s, NULL);
	/* Nobody is there to read the rest. */
	s->command.is_running = false;
	if (s->machine.is_ended)
		loop_stop(&s->loop);
}

static void react_record(struct brief *brief, const char *record, size_t size)
{
	struct supervisor *s = container_of(brief, struct supervisor, brief);

	complaints_record(&s->complaints, record, size);
}

static void react_log_ended(struct brief *brief)
{
	struct supervisor *s = container_of(brief, struct supervisor, brief);

	if (s->is_done)
		react_leave(s);
}

static bool react_limit_passed(struct limits *limits, enum limit limit)
{
	struct supervisor *s = container_of(limits, struct supervisor, limits);

	/* A debugger takes its time, and so does a dump. */
	if (limit != LIMIT_RUN && s->machine.is_paused)
		return false;
	if (limit == LIMIT_PANIC) {
		if (dump_is_on(&s->crash.dump))
			return false;
		if (!crash_has_panicked(&s->crash))
			return true;
	}
	s->verdict.facts.is_timed_out |= limit == LIMIT_RUN;
	supervise_stop(s, limits_text(limits, limit));
	if (limit == LIMIT_RUN) {
		/* Output that nobody reads must not prolong the run. */
		s->command.is_running = false;
		if (s->machine.is_ended)
			loop_stop(&s->loop);
	}
	return true;
}

static void react_lastwords(struct lastwords *lastwords,
			    enum lastwords_kind kind)
{
	struct supervisor *s = container_of(lastwords, struct supervisor,
					    lastwords);

	s->verdict.said_restart |= kind == LASTWORDS_RESTART;
	s->sleeps += kind == LASTWORDS_SLEEP;
	if (kind == LASTWORDS_HALT)
		machine_expect_halt(&s->machine);
	/* The user may have told the kernel to wait, to look at it. */
	else if (kind == LASTWORDS_PANIC && !s->user.is_tty)
		limits_start(&s->limits, LIMIT_PANIC);
}

static void react_dumped(struct crash *crash, int err)
{
	struct supervisor *s = container_of(crash, struct supervisor, crash);

	control_dumped(&s->service.control, err);
}

static void react_sick(struct supervisor *s)
{
	if (s->machine.is_panicked && !s->user.is_tty)
		limits_start(&s->limits, LIMIT_PANIC);
	if (s->machine.is_broken)
		supervise_stop(s, xstrdup("QEMU cannot go on: the accelerator or a disk failed"));
}

static void react_machine_ended(struct supervisor *s)
{
	console_drain(&s->console);
	link_drain(&s->agent.link);
	agent_close(&s->agent);
	/* Write the command's last output before the loop ends. */
	if (!s->command.is_running || s->verdict.facts.sig)
		loop_stop(&s->loop);
}

static void react_machine_event(struct machine *machine,
				enum machine_event event)
{
	struct supervisor *s = container_of(machine, struct supervisor,
					    machine);

	switch (event) {
	case MACHINE_PORT_OPEN:
		if (s->verdict.facts.is_up && !s->agent.is_up)
			agent_greet(&s->agent);
		break;
	case MACHINE_PORT_CLOSED:
		/* A guest that sleeps resets its devices, and the agent wakes up with it. */
		console_drain(&s->console);
		if (s->sleeps) {
			s->sleeps--;
			break;
		}
		link_drain(&s->agent.link);
		agent_gone(&s->agent);
		break;
	case MACHINE_RESET:
		if (s->command.is_running)
			supervise_stop(s, xstrdup("the machine was reset"));
		break;
	case MACHINE_SICK:
		react_sick(s);
		break;
	case MACHINE_SHUT_DOWN:
		console_drain(&s->console);
		link_drain(&s->agent.link);
		crash_shut_down(&s->crash);
		break;
	case MACHINE_DUMPED:
		dump_event(&s->crash.dump);
		break;
	case MACHINE_MONITORED:
		control_monitored(&s->service.control, machine->monitor_text);
		break;
	case MACHINE_WATCHDOG:
		crash_watchdog(&s->crash);
		break;
	case MACHINE_HALTED:
		s->verdict.facts.is_clean = true;
		supervise_stop(s, NULL);
		break;
	case MACHINE_SAVED:
		saved_event(&s->saved);
		break;
	case MACHINE_STILL:
		break; /* we do not pause it */
	case MACHINE_ENDED:
		react_machine_ended(s);
		break;
	}
}

static void react_signal(struct loop_fd *fd, u32 events)
{
	struct supervisor *s = container_of(fd, struct supervisor, signals);
	struct signalfd_siginfo info;

	(void)events;
	if (read(fd->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH) {
		command_resize(&s->command);
		return;
	}
	if (!s->verdict.facts.sig)
		s->verdict.facts.sig = info.ssi_signo;
	supervise_stop(s, NULL);
	if (s->machine.is_ended)
		loop_stop(&s->loop);
}

static void react_user_gone(struct user *user, int err)
{
	struct supervisor *s = container_of(user, struct supervisor, user);
	struct end_facts *facts = &s->verdict.facts;

	if (facts->has_command || facts->sig)
		return;
	if (err != -EPIPE && err != -EIO) {
		say("standard output: %s", strerror(-err));
		verdict_set_result(&s->verdict, EXIT_FAILURE);
		supervise_stop(s, xstrdup("standard output cannot be written"));
		return;
	}
	facts->sig = err == -EPIPE ? SIGPIPE : SIGHUP;
	supervise_stop(s, NULL);
}

static void react_asked_to_stop(struct service *service, u32 ms)
{
	struct supervisor *s = container_of(service, struct supervisor,
					    service);

	s->verdict.facts.is_stopped = true;
	verdict_blame(&s->verdict, xstrdup("it was stopped"));
	power_off(&s->power, ms);
}

void react_listen(struct supervisor *s)
{
	s->machine.event = react_machine_event;
	s->signals.ready = react_signal;
	s->lastwords.seen = react_lastwords;
	s->brief.record = react_record;
	s->brief.log_ended = react_log_ended;
	s->command.ended = react_command_ended;
	s->parting.ended = react_parting_ended;
	s->command.left = react_command_left;
	s->command.hung_up = react_command_hung_up;
	s->typist.ended = react_typist_ended;
	s->service.stop = react_asked_to_stop;
	s->user.gone = react_user_gone;
	s->limits.passed = react_limit_passed;
	s->crash.dumped = react_dumped;
}
