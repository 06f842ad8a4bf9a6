// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/macros.h"
#include "lib/proc.h"
#include "lib/str.h"
#include "vm/args/args.h"
#include "vm/exit.h"
#include "vm/run/place.h"
#include "vm/run/ready.h"
#include "vm/run/run.h"
#include "vm/run/supervise.h"
#include "vm/say.h"

/* The signals that ask us to stop, or tell of the terminal's size. */
struct signals {
	int fd; /* a signalfd */
	int sig; /* the one that asked us to stop; 0: none */
	sigset_t mask; /* as it was before, and as children get it */
};

static int signals_init(struct signals *signals)
{
	static const int asked[] = { SIGTERM, SIGHUP, SIGINT, SIGWINCH };
	sigset_t set;
	size_t i;
	int err;

	sigemptyset(&set);
	for (i = 0; i < ARRAY_SIZE(asked); i++)
		sigaddset(&set, asked[i]);

	signals->sig = 0;
	signals->fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals->fd < 0) {
		err = -errno;
		say("cannot receive signals: %s", strerror(-err));
		return err;
	}
	sigprocmask(SIG_BLOCK, &set, &signals->mask);
	return 0;
}

static void signals_read(struct signals *signals)
{
	struct signalfd_siginfo info;

	if (read(signals->fd, &info, sizeof(info)) == sizeof(info))
		signals->sig = info.ssi_signo;
}

/* End as the signal would have ended us; a shell then knows about it. */
static void signals_die(const struct signals *signals)
{
	signal(signals->sig, SIG_DFL);
	raise(signals->sig);
	sigprocmask(SIG_SETMASK, &signals->mask, NULL);
}

static struct accel_spec run_accel_spec(const struct lab *lab)
{
	const char *device = getenv("KILN_KVM");

	return (struct accel_spec){
		.work = lab->vm,
		.machine = plan_of_lab(&lab->plan).machine->name,
		.qemu = lab->qemu,
		.device = device ? device : "/dev/kvm",
	};
}

static void run_say_accel(const struct accel *accel)
{
	if (accel->is_new && accel->kvm)
		say("KVM works here; using it");
	else if (accel->is_new)
		say("KVM is not usable here (%s); using TCG", accel->why);
}

/* Find out whether to use KVM; -EINTR if a signal came meanwhile. */
static int run_choose_accel(struct accel *accel, const struct lab *lab,
			    const char *work, struct signals *signals)
{
	struct accel_spec spec = run_accel_spec(lab);
	struct accel_trial trial = { .mask = &signals->mask,
				     .signals = signals->fd };
	struct argv argv = {};
	char *log;
	int err;

	*accel = (struct accel){
		.kvm = config_is_on(lab->config, "VM_ACCEL_KVM"),
	};
	if (accel->kvm || config_is_on(lab->config, "VM_ACCEL_TCG"))
		return 0;

	args_trial(&argv, &lab->plan);
	log = str_printf("%s/accel.log", work);
	trial.argv = argv.word;
	trial.log = log;
	err = accel_choose(accel, &spec, &trial);
	/* That another kernel comes up tells nothing of the lab's. */
	if (!err && lab->plan.foreign)
		accel->is_doubtful = false;
	if (!err)
		run_say_accel(accel);
	else if (err == -EINTR)
		signals_read(signals);
	else
		say("cannot try KVM: %s", strerror(-err));
	argv_fini(&argv);
	free(log);
	return err;
}

/* The accelerator for --print, which must not try: TCG unless KVM is known. */
static bool run_guess_accel(const struct lab *lab)
{
	struct accel_spec spec = run_accel_spec(lab);
	struct accel accel = {};
	bool kvm;

	if (config_is_on(lab->config, "VM_ACCEL_KVM"))
		return true;
	if (config_is_on(lab->config, "VM_ACCEL_TCG") || !lab->qemu ||
	    accel_recall(&accel, &spec) < 0)
		return false;
	kvm = accel.kvm;
	accel_fini(&accel);
	return kvm;
}

/* The lab, and the machine that is asked for.  lab_fini() in any case. */
static int run_open_lab(struct lab *lab, const struct run_options *options)
{
	int err;

	err = lab_init(lab, options->dir, options->work);
	if (!err && options->kernel)
		err = lab_take_kernel(lab, options->kernel, options->modules);
	return err ? err : lab_plan(lab);
}

static int run_print_command(const struct lab *lab,
			     const struct run_options *options)
{
	struct args_run run = {
		.kvm = run_guess_accel(lab),
		.no_init = options->command,
		.is_root = !geteuid(),
		.is_waiting = options->gdb,
		.append = options->append,
	};
	struct args args;
	char *why = NULL;
	int err;

	err = args_machine(&args, &lab->plan, &run, &why);
	if (err < 0)
		say("%s", why ? why : strerror(-err));
	free(why);
	if (!err) {
		argv_print(&args.argv, stdout);
		putchar('\n');
		if (fflush(stdout) || ferror(stdout)) {
			err = -EIO;
			say("cannot print: %s", strerror(errno));
		}
	}
	argv_fini(&args.argv);
	return err < 0 ? END_NOT_STARTED : 0;
}

int run_print(const struct run_options *options)
{
	int status = END_NOT_STARTED;
	struct lab lab;

	if (!run_open_lab(&lab, options)) {
		/* Only to know what is remembered of it; it may be missing. */
		proc_find(&lab.qemu, lab.plan.qemu);
		status = run_print_command(&lab, options);
	}
	lab_fini(&lab);
	return status;
}

/*
 * Others find the machine that stays, or that a person uses, in the working folder;
 * so does gdb one that waits for it.  A command's machine is for itself.
 */
static bool run_is_alone(const struct run_options *options)
{
	return (options->command || options->save) && !options->gdb &&
	       !options->work;
}

/* `ready` is where to tell that the machine is up, or -1. */
static int run_placed(struct lab *lab, const struct run_options *options,
		      struct place *place, int ready)
{
	struct accel_spec spec = run_accel_spec(lab);
	struct supervise_spec supervise_spec = {
		.launch.lab = lab,
		.launch.work = place->work,
		.launch.has_command = options->command || options->save,
		.launch.boot = options->boot && !options->save,
		.launch.renew = options->boot && options->save,
		.launch.save = options->save,
		.launch.gdb = options->gdb,
		.launch.append = options->append,
		.accel_spec = &spec,
		.command = options->command,
		.at_end = options->at_end,
		.timeout = options->timeout,
		.verbose = options->verbose,
		.ready = ready,
		.place = place,
		.spare = run_is_alone(options),
	};
	int status = END_NOT_STARTED;
	struct signals signals;
	struct accel accel;

	if (signals_init(&signals) < 0)
		return status;
	if (!run_choose_accel(&accel, lab, place->work, &signals)) {
		supervise_spec.launch.kvm = accel.kvm;
		supervise_spec.launch.mask = &signals.mask;
		supervise_spec.launch.signals = signals.fd;
		supervise_spec.accel = &accel;
		supervise_spec.signals = signals.fd;
		status = supervise(&supervise_spec, &signals.sig);
		accel_fini(&accel);
	}
	if (signals.sig)
		signals_die(&signals);
	close(signals.fd);
	return status;
}

static int run_lab(struct lab *lab, const struct run_options *options,
		   int ready)
{
	int status = END_NOT_STARTED;
	struct place place;

	if (!place_take(&place, lab, run_is_alone(options)))
		status = run_placed(lab, options, &place, ready);
	place_fini(&place);
	return status;
}

static int run_here(const struct run_options *options, int ready)
{
	int status = END_NOT_STARTED;
	struct lab lab;

	if (!run_open_lab(&lab, options) && !lab_check(&lab) &&
	    !lab_find_qemu(&lab))
		status = run_lab(&lab, options, ready);
	lab_fini(&lab);
	return status;
}

/* Nobody must wait for what we hold open: make's pipes, a terminal, locks. */
static void run_leave(int keep)
{
	int null = open("/dev/null", O_RDWR);

	setsid();
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	syscall(SYS_close_range, STDERR_FILENO + 1, keep - 1, 0);
	syscall(SYS_close_range, keep + 1, ~0U, 0);
}

static int run_behind(const struct run_options *options)
{
	int pipefd[2];
	pid_t pid;

	if (pipe2(pipefd, O_CLOEXEC) < 0) {
		say("cannot start: %s", strerror(errno));
		return END_NOT_STARTED;
	}
	pid = fork();
	if (!pid) {
		run_leave(pipefd[1]);
		_exit(run_here(options, pipefd[1]));
	}
	close(pipefd[1]);
	if (pid < 0) {
		say("cannot start: %s", strerror(errno));
		return END_NOT_STARTED;
	}
	return ready_await(pipefd[0], pid);
}

int run(const struct run_options *options)
{
	return options->background ? run_behind(options) :
				     run_here(options, -1);
}
