// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/macros.h"
#include "lib/str.h"
#include "lib/xmalloc.h"
#include "vm/run/keeper.h"
#include "vm/run/ready.h"
#include "vm/run/supervisor.h"
#include "vm/say.h"

/*
 * The start: from the agent's first word to the command
 */

void supervise_stop(struct supervisor *s, char *cause)
{
	verdict_blame(&s->verdict, cause);
	machine_stop(&s->machine);
}

static void supervise_start_command(struct supervisor *s)
{
	int err = command_start(&s->command, &s->loop, &s->service.control,
				&s->term, s->spec->command);

	if (err < 0)
		supervise_stop(s, str_printf("cannot pass the command on: %s",
					     strerror(-err)));
}

static void supervise_shared(struct brief *brief, bool is_shared, char *why)
{
	struct supervisor *s = container_of(brief, struct supervisor, brief);

	if (is_shared)
		supervise_start_command(s);
	else
		supervise_stop(s, why);
}

/* A machine that stays is ready when commands find what they expect. */
static void supervise_settled(struct brief *brief, const char *why_not)
{
	struct supervisor *s = container_of(brief, struct supervisor, brief);

	if (why_not)
		say("%s; the machine keeps running", why_not);
	ready_tell(s->spec->ready);
	s->is_ready = true;
}

/* Does somebody wait until the machine is ready? */
static bool supervise_is_awaited(const struct supervisor *s)
{
	return s->spec->ready >= 0 && !s->spec->launch.gdb && !s->is_ready;
}

/* Is standard input no terminal, and typed at the console? */
static bool supervise_is_typed(const struct supervisor *s)
{
	return !s->verdict.facts.has_command && s->spec->ready < 0 &&
	       !isatty(STDIN_FILENO);
}

static void supervise_start_typist(struct supervisor *s)
{
	int err = typist_start(&s->typist, &s->loop, &s->service.control);

	if (err < 0)
		supervise_stop(s, str_printf("cannot pass standard input on: %s",
					     strerror(-err)));
}

/* The machine is up and, if it was to be, saved. */
static void supervise_start(struct supervisor *s)
{
	const struct supervise_spec *spec = s->spec;

	brief_give(&s->brief);
	if (supervise_is_awaited(s))
		brief_settle(&s->brief);
	/* Folders are mounted only now: no machine with a mount can be saved. */
	if (spec->command && !plan_has_shares(&s->spec->launch.lab->plan))
		supervise_start_command(s);
	else if (spec->command && brief_share(&s->brief) < 0)
		supervise_stop(s, xstrdup("the agent in the guest is gone"));
	if (supervise_is_typed(s))
		supervise_start_typist(s);
	if (spec->launch.save) {
		verdict_set_result(&s->verdict,
				   s->saved.is_kept ? 0 : EXIT_FAILURE);
		machine_stop(&s->machine);
	}
}

static void supervise_saved(struct saved *saved)
{
	struct supervisor *s = container_of(saved, struct supervisor, saved);

	if (!s->machine.is_asked && !s->machine.is_ended)
		supervise_start(s);
}

/* The guest has all that each copy must have of its own: save the machine. */
static void supervise_save(struct brief *brief, const char *why_not)
{
	struct supervisor *s = container_of(brief, struct supervisor, brief);

	if (s->machine.is_asked || s->machine.is_ended)
		return;
	complaints_flush(&s->complaints);
	if (!why_not && complaints_count(&s->complaints))
		why_not = "the kernel complained";
	if (why_not)
		saved_give_up(&s->saved, why_not);
	else
		saved_make(&s->saved, s->began);
}

/* An agent's first word: the first agent's, or that of a later one. */
static void supervise_hello(struct agent *agent)
{
	struct supervisor *s = container_of(agent, struct supervisor, agent);
	bool will_save = s->saved.way == SAVED_MAKE;
	bool is_first = !s->verdict.facts.is_up;

	if (is_first) {
		s->verdict.facts.is_up = true;
		s->result.up_ms = clock_ms() - s->began;
		s->service.up_ms = s->result.up_ms;
		limits_cancel(&s->limits, LIMIT_BOOT);
		accel_confirm(s->spec->accel, s->spec->accel_spec);
	}
	if (is_first && !will_save)
		supervise_start(s);
	else if (is_first || !will_save)
		brief_give(&s->brief);
	if (!is_first && supervise_is_awaited(s))
		brief_settle(&s->brief);
}

/*
 * Before the start: QEMU's command, and all who listen
 */

static int supervise_open_console(struct supervisor *s)
{
	char *log = str_printf("%s/console.log", s->result.folder);
	int err;

	err = console_open(&s->console, &s->loop, s->machine.console,
			   s->machine.keys);
	if (!err)
		console_log(&s->console, log);
	free(log);
	if (err < 0)
		return err;
	complaints_listen(&s->complaints, &s->console, s->spare.teller ?
			  s->spare.handover.up : saved_up(&s->saved));
	lastwords_open(&s->lastwords, &s->console);
	return 0;
}

static int supervise_open_agent(struct supervisor *s)
{
	const struct supervise_spec *spec = s->spec;

	s->agent.hello = supervise_hello;
	s->brief.ready = supervise_save;
	s->brief.shared = supervise_shared;
	s->brief.settled = supervise_settled;
	s->brief.agent = &s->agent;
	s->brief.will_save = s->saved.way == SAVED_MAKE;
	s->brief.is_log_read = s->result.is_saved;
	if (spec->command)
		s->brief.host = config_text(spec->launch.lab->config,
					    "ROOTFS_HOSTNAME");
	power_init(&s->power, &s->loop, &s->agent, &s->machine);
	return agent_open(&s->agent, &s->loop, s->machine.ours[MACHINE_AGENT]);
}

static int supervise_open_service(struct supervisor *s, char **why)
{
	s->service.machine = &s->machine;
	s->service.agent = &s->agent;
	s->service.console = &s->console;
	s->service.complaints = &s->complaints;
	s->service.dump = &s->crash.dump;
	s->service.accel = s->result.accel;
	s->service.began = s->began;
	return service_open(&s->service, &s->loop, s->spec->place->work, why);
}

/* The console's user: one who types, or one who watches a command. */
static void supervise_seat_user(struct supervisor *s)
{
	const struct supervise_spec *spec = s->spec;
	bool has_command = s->verdict.facts.has_command;
	bool has_keys = term_is_ours();

	if (has_command && spec->verbose) {
		user_open(&s->user, &s->console, -1, STDERR_FILENO);
	} else if (!has_command && spec->ready < 0) {
		user_open(&s->user, &s->console, has_keys ? STDIN_FILENO : -1,
			  STDOUT_FILENO);
		if (has_keys)
			term_raw(&s->term);
	}
}

static void supervise_start_limits(struct supervisor *s)
{
	const struct supervise_spec *spec = s->spec;

	s->limits.is_saved = s->result.is_saved;
	s->limits.is_alone = supervise_is_typed(s) && !spec->launch.gdb &&
			     !spec->timeout;
	limits_init(&s->limits, &s->loop, spec->launch.lab->config,
		    spec->timeout);
	/* Who looks at a console sees for himself that nothing comes. */
	if (!spec->launch.gdb &&
	    (s->verdict.facts.has_command || !isatty(STDIN_FILENO)))
		limits_start(&s->limits, LIMIT_BOOT);
	limits_start(&s->limits, LIMIT_RUN);
}

/* A machine that waits, or one to be started. */
static int supervise_open_machine(struct supervisor *s, char **why)
{
	const struct launch_spec *spec = &s->spec->launch;
	int err;

	if (s->spare.teller)
		return machine_adopt(&s->machine, &s->loop, &spec->lab->plan,
				     &s->spare.handover.ends, s->spare.teller);
	err = machine_init(&s->machine, &s->loop, &spec->lab->plan,
			   spec->work);
	if (!err)
		err = launch_connect(&s->launch, &s->loop, &s->machine,
				     &s->saved, why);
	s->result.is_saved = s->saved.way == SAVED_LOAD;
	return err;
}

/* Open all that listens to the machine. */
static int supervise_open(struct supervisor *s, char **why)
{
	const struct launch_spec *spec = &s->spec->launch;
	int err;

	react_listen(s);
	s->saved.done = supervise_saved;
	s->crash.machine = &s->machine;
	s->crash.complaints = &s->complaints;
	s->crash.verdict = &s->verdict;
	crash_init(&s->crash, spec->lab->config, s->result.folder);

	err = complaints_open(&s->complaints, spec->lab, why);
	if (!err)
		err = supervise_open_machine(s, why);
	if (err < 0)
		return err;
	s->result.qemu = s->launch.args.argv.word;
	err = supervise_open_console(s);
	if (!err)
		err = supervise_open_agent(s);
	if (!err)
		err = supervise_open_service(s, why);
	return err;
}

/* Start the machine and all that watches it. */
static int supervise_begin(struct supervisor *s, char **why)
{
	const struct supervise_spec *spec = s->spec;
	int err;

	err = supervise_open(s, why);
	if (err < 0)
		return err;
	s->signals.fd = spec->signals;
	loop_want(&s->loop, &s->signals, EPOLLIN);

	if (!s->spare.teller)
		err = launch_start(&s->launch, &s->machine, why);
	if (err < 0)
		return err;
	s->verdict.facts.is_started = true;
	if (s->crash.may_dump)
		machine_hold(&s->machine);
	if (s->spare.teller)
		machine_continue(&s->machine);
	else
		err = saved_load(&s->saved, why);
	if (err < 0)
		return err;
	supervise_start_limits(s);
	supervise_seat_user(s);
	/* Nothing happens until a debugger has come. */
	if (spec->launch.gdb && spec->ready >= 0)
		ready_tell(spec->ready);
	return 0;
}

/*
 * The end
 */

static void supervise_conclude(struct supervisor *s)
{
	const struct verdict_spec spec = {
		.machine = &s->machine,
		.complaints = &s->complaints,
		.tests = &s->command.tests,
		.plan = &s->spec->launch.lab->plan,
	};

	verdict_reach(&s->verdict, &spec);
	s->result.verdict = &s->verdict;
	s->result.ms = clock_ms() - s->began;
	s->result.said = s->machine.said;
	s->result.console = s->console.loop ? &s->console : NULL;
	s->result.complaints = &s->complaints;
	s->result.tests = &s->command.tests;
	s->result.is_dumped = s->crash.is_dumped;
}

static void supervise_tell(struct supervisor *s)
{
	const struct decode_spec spec = { .lab = s->spec->launch.lab,
					  .mask = s->spec->launch.mask,
					  .signals = s->spec->signals };

	complaints_decode(&s->complaints, &spec);
	result_tell(&s->result);
}

/* Whoever is told of the end finds everything free for the next machine. */
static void supervise_release(struct supervisor *s, bool keep_place)
{
	if (dump_is_on(&s->crash.dump))
		control_dumped(&s->service.control, dump_abort(&s->crash.dump));
	control_unlink(s->spec->place->work);
	machine_unlink(s->spec->place->work);
	cleaner_dismiss(&s->cleaner);
	if (!keep_place)
		place_leave(s->spec->place);
	service_close(&s->service);
}

static void supervise_fini(struct supervisor *s)
{
	limits_fini(&s->limits);
	power_fini(&s->power);
	saved_fini(&s->saved);
	console_close(&s->console);
	machine_fini(&s->machine);
	complaints_close(&s->complaints);
	launch_fini(&s->launch);
	loop_fini(&s->loop);
	verdict_fini(&s->verdict);
	free(s);
}

/* Did the machine not come up that had been up before? */
static bool supervise_is_in_vain(const struct supervisor *s)
{
	return s->result.is_saved && verdict_is_not_up(&s->verdict);
}

static void supervise_say_in_vain(struct supervisor *s)
{
	if (s->spare.teller) {
		say("the spare machine cannot be used: %s; going on without",
		    s->verdict.why);
		return;
	}
	say("the saved machine cannot be used: %s; booting", s->verdict.why);
	saved_forget(&s->saved);
}

/*
 * Returns the exit status, -EAGAIN if the saved state cannot be used, or -ESTALE if the
 * spare cannot.
 */
static int supervise_finish(struct supervisor *s)
{
	bool is_in_vain;

	command_fini(&s->command);
	parting_fini(&s->parting);
	typist_fini(&s->typist);
	agent_close(&s->agent);
	user_close(&s->user);
	term_restore(&s->term);
	is_in_vain = supervise_is_in_vain(s);
	supervise_conclude(s);
	if (is_in_vain)
		supervise_say_in_vain(s);
	else
		supervise_tell(s);
	supervise_release(s, is_in_vain);
	if (is_in_vain)
		return s->spare.teller ? -ESTALE : -EAGAIN;
	return s->verdict.end.status;
}

/* Go on with a machine that waits, if there is one. */
static void supervise_take_spare(struct supervisor *s)
{
	const struct supervise_spec *spec = s->spec;
	const struct lab *lab = spec->launch.lab;
	char key[STATE_KEY];
	long most;

	if (!spec->spare || spec->launch.save || spec->launch.renew ||
	    !launch_may_load(&spec->launch) ||
	    config_number(lab->config, "VM_SPARES", &most) < 0 || !most)
		return;
	if (!spares_key(key, &s->launch) &&
	    !spares_take(&s->spare, lab, key, spec->place, spec->signals))
		s->result.is_spare = true;
	s->result.is_saved = s->result.is_spare;
}

static int supervise_start_cleaner(struct supervisor *s)
{
	const struct supervise_spec *spec = s->spec;
	const struct cleaner_spec cleaner = {
		.term = &s->term,
		.work = spec->place->work,
		.results = spec->place->results,
		.vm = spec->launch.lab->vm,
		.lock = place_lock(spec->place),
	};

	return cleaner_start(&s->cleaner, &cleaner);
}

static int supervise_prepare(struct supervisor *s, char **why)
{
	const struct supervise_spec *spec = s->spec;
	int err;

	term_save(&s->term);
	s->began = clock_ms();
	s->verdict.facts.has_command = spec->launch.has_command;
	s->result = (struct result){
		.folder = spec->place->results,
		.lab = spec->launch.lab->dir,
		.command = spec->command,
		.accel = spec->launch.kvm ? "kvm" : "tcg",
		.foreign = spec->launch.lab->plan.foreign,
		.began = time(NULL),
		.timeout = spec->timeout,
		.boot = spec->launch.boot,
		.save = spec->launch.save,
	};
	err = launch_make(&s->launch, &spec->launch, why);
	if (err < 0)
		return err;
	supervise_take_spare(s);
	return supervise_start_cleaner(s);
}

/* Was it a good one, so that another like it may be wanted? */
static bool supervise_may_refill(const struct supervisor *s)
{
	return s->spec->spare && s->verdict.facts.is_up &&
	       !s->verdict.facts.sig;
}

/* Returns what supervise_finish() does. */
static int supervise_once(const struct supervise_spec *spec, int *sig)
{
	struct supervisor *s = xcalloc(1, sizeof(*s));
	char *why = NULL;
	bool may_refill;
	int status, err;

	s->spec = spec;
	err = loop_init(&s->loop);
	if (!err)
		err = supervise_prepare(s, &why);
	if (!err)
		err = supervise_begin(s, &why);
	if (!err)
		err = loop_run(&s->loop);
	if (err < 0)
		verdict_blame(&s->verdict, why ? why : xstrdup(strerror(-err)));

	status = supervise_finish(s);
	*sig = s->verdict.facts.sig;
	may_refill = supervise_may_refill(s);
	supervise_fini(s);
	if (may_refill)
		keeper_refill(&spec->launch);
	return status;
}

int supervise(const struct supervise_spec *spec, int *sig)
{
	struct supervise_spec again = *spec;
	int status = supervise_once(&again, sig);

	if (status == -ESTALE) {
		again.spare = false;
		status = supervise_once(&again, sig);
	}
	if (status == -EAGAIN) {
		again.launch.renew = true;
		status = supervise_once(&again, sig);
	}
	return status;
}
