// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "args.h"
#include "end.h"
#include "macros.h"
#include "proc.h"
#include "run.h"
#include "say.h"
#include "supervise.h"

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

static struct accel_spec accel_spec(const struct lab *lab)
{
	const char *device = getenv("KILN_KVM");

	return (struct accel_spec){
		.work = lab->vm,
		.machine = args_machine_name(lab->config),
		.qemu = lab->qemu,
		.device = device ? device : "/dev/kvm",
	};
}

static void say_accel(const struct accel *accel)
{
	if (accel->is_new && accel->kvm)
		say("KVM works here; using it");
	else if (accel->is_new)
		say("KVM is not usable here (%s); using TCG", accel->why);
}

/* Find out whether to use KVM; -EINTR if a signal came meanwhile. */
static int choose_accel(struct accel *accel, const struct lab *lab,
			struct signals *signals)
{
	struct accel_spec spec = accel_spec(lab);
	struct accel_trial trial = { .mask = &signals->mask,
				     .signals = signals->fd };
	struct argv argv = {};
	char *why = NULL;
	int err;

	*accel = (struct accel){
		.kvm = config_is_on(lab->config, "VM_ACCEL_KVM"),
	};
	if (accel->kvm || config_is_on(lab->config, "VM_ACCEL_TCG"))
		return 0;

	err = args_trial(&argv, lab->config, lab->dir, &why);
	if (err < 0)
		goto out_free_argv;

	trial.argv = argv.word;
	err = accel_choose(accel, &spec, &trial);
	if (!err)
		say_accel(accel);

out_free_argv:
	if (err == -EINTR)
		signals_read(signals);
	else if (err < 0)
		say("cannot try KVM: %s", why ? why : strerror(-err));
	free(why);
	argv_fini(&argv);
	return err;
}

/* The accelerator for --print, which must not try: TCG unless KVM is known. */
static bool guess_accel(const struct lab *lab)
{
	struct accel_spec spec = accel_spec(lab);
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

static int print_command(const struct lab *lab,
			 const struct run_options *options)
{
	struct args_run args = {
		.kvm = guess_accel(lab),
		.no_init = options->command,
		.is_root = !geteuid(),
		.is_waiting = options->gdb,
		.append = options->append,
		.qmp = ARGS_PASTED_QMP,
		.agent = ARGS_PASTED_AGENT,
		.gdb = ARGS_PASTED_GDB,
	};
	struct argv argv = {};
	char *why = NULL;
	int err;

	err = args_machine(&argv, lab->config, lab->dir, &args, &why);
	if (err < 0)
		say("%s", why ? why : strerror(-err));
	free(why);
	if (!err) {
		argv_print(&argv, stdout);
		putchar('\n');
		if (fflush(stdout) || ferror(stdout)) {
			err = -EIO;
			say("cannot print: %s", strerror(errno));
		}
	}
	argv_fini(&argv);
	return err < 0 ? END_NOT_STARTED : 0;
}

int run_print(const struct run_options *options)
{
	int status = END_NOT_STARTED;
	struct lab lab;

	if (!lab_init(&lab, options->dir, options->work)) {
		/* Only to know what is remembered of it; it may be missing. */
		proc_find(&lab.qemu, config_text(lab.config, "VM_QEMU"));
		status = print_command(&lab, options);
	}
	lab_fini(&lab);
	return status;
}

/* `ready` is where to tell that the machine is up, or -1. */
static int run_lab(struct lab *lab, const struct run_options *options,
		   int ready)
{
	struct accel_spec spec = accel_spec(lab);
	struct supervise_spec supervise_spec = {
		.lab = lab,
		.accel_spec = &spec,
		.command = options->command,
		.timeout = options->timeout,
		.boot = options->boot && !options->save,
		.renew = options->boot && options->save,
		.save = options->save,
		.verbose = options->verbose,
		.gdb = options->gdb,
		.append = options->append,
		.ready = ready,
	};
	int status = END_NOT_STARTED;
	struct signals signals;
	struct accel accel;
	int lock;

	lock = lab_lock(lab);
	if (lock < 0)
		return status;
	if (signals_init(&signals) < 0)
		goto out_close_lock;

	if (!choose_accel(&accel, lab, &signals)) {
		supervise_spec.accel = &accel;
		supervise_spec.lock = lock;
		supervise_spec.signals = signals.fd;
		supervise_spec.mask = &signals.mask;
		status = supervise(&supervise_spec, &signals.sig);
		lock = -1;
		accel_fini(&accel);
	}
	if (signals.sig)
		signals_die(&signals);
	close(signals.fd);
out_close_lock:
	if (lock >= 0)
		close(lock);
	return status;
}

static int run_here(const struct run_options *options, int ready)
{
	int status = END_NOT_STARTED;
	struct lab lab;

	if (!lab_init(&lab, options->dir, options->work) && !lab_check(&lab) &&
	    !lab_find_qemu(&lab))
		status = run_lab(&lab, options, ready);
	lab_fini(&lab);
	return status;
}

/* Nobody must wait for what we hold open: make's pipes, a terminal, locks. */
static void leave(int keep)
{
	int null = open("/dev/null", O_RDWR);

	setsid();
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	syscall(SYS_close_range, STDERR_FILENO + 1, keep - 1, 0);
	syscall(SYS_close_range, keep + 1, ~0U, 0);
}

/* Wait for the machine to be up, which is 0, or for the run's end. */
static int await_ready(int fd, pid_t pid)
{
	int status;
	ssize_t n;
	char c;

	do {
		n = read(fd, &c, 1);
	} while (n < 0 && errno == EINTR);
	if (n == 1)
		return 0;
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return END_VANISHED;
	return WEXITSTATUS(status);
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
		leave(pipefd[1]);
		_exit(run_here(options, pipefd[1]));
	}
	close(pipefd[1]);
	if (pid < 0) {
		say("cannot start: %s", strerror(errno));
		return END_NOT_STARTED;
	}
	return await_ready(pipefd[0], pid);
}

int run(const struct run_options *options)
{
	return options->background ? run_behind(options) :
				     run_here(options, -1);
}
