// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "accel.h"
#include "args.h"
#include "argv.h"
#include "config.h"
#include "lock.h"
#include "proc.h"
#include "run.h"
#include "say.h"
#include "str.h"
#include "term.h"

/* How long QEMU may take to end after SIGTERM. */
#define STOP_MS 3000

struct lab {
	const char *name; /* the output directory, as the user names it */
	char *dir; /* its absolute path */
	char *work; /* what we write is below this */
	char *qemu; /* the program's real path; NULL if not found */
	struct config *config;
};

/* The signals that ask us to stop. */
struct stop {
	int fd; /* a signalfd */
	int sig; /* the one that came; 0 until then */
	sigset_t mask; /* as it was before, and as children get it */
};

static void lab_fini(struct lab *lab)
{
	config_close(lab->config);
	free(lab->qemu);
	free(lab->work);
	free(lab->dir);
}

/* Returns 0, or -errno after having said why; lab_fini() in both cases. */
static int lab_init(struct lab *lab, const char *name)
{
	char *path;
	int err;

	*lab = (struct lab){ .name = name };
	lab->dir = realpath(name, NULL);
	if (!lab->dir) {
		err = -errno;
		say("%s: %s; run `make` first", name, strerror(-err));
		return err;
	}

	lab->work = str_printf("%s/vm", lab->dir);
	path = str_printf("%s/include/config/auto.conf", lab->dir);
	err = lab->work && path ? config_open(&lab->config, path) : -ENOMEM;
	if (err < 0)
		say("%s/include/config/auto.conf: %s; run `make` first", name,
		    strerror(-err));
	free(path);
	return err;
}

static int find_qemu(struct lab *lab)
{
	const char *name = config_text(lab->config, "VM_QEMU");
	int err;

	err = proc_find(&lab->qemu, name);
	if (err < 0)
		say("%s: %s; `make deps` installs QEMU, VM_QEMU in the menu names it",
		    name, strerror(-err));
	return err;
}

static int check_file(const struct lab *lab, const char *file)
{
	char *path = str_printf("%s/%s", lab->dir, file);
	int err = 0;

	if (!path)
		err = -ENOMEM;
	else if (access(path, R_OK) < 0)
		err = -errno;
	if (err < 0)
		say("%s/%s: %s; run `make` first", lab->name, file,
		    strerror(-err));
	free(path);
	return err;
}

/* Returns the lock's descriptor, or -errno after having said why. */
static int take_lock(const struct lab *lab)
{
	pid_t holder = 0;
	char *path = str_printf("%s/lock", lab->work);
	int fd;

	if (!path)
		fd = -ENOMEM;
	else if (mkdir(lab->work, 0777) < 0 && errno != EEXIST)
		fd = -errno;
	else
		fd = lock_take(path, &holder);

	if (fd == -EAGAIN)
		say("a machine already runs in %s (process %d); stop it or use another O=",
		    lab->name, holder);
	else if (fd < 0)
		say("%s/vm/lock: %s", lab->name, strerror(-fd));
	free(path);
	return fd;
}

static int stop_init(struct stop *stop)
{
	sigset_t set;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);

	stop->sig = 0;
	stop->fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (stop->fd < 0) {
		err = -errno;
		say("cannot receive signals: %s", strerror(-err));
		return err;
	}
	sigprocmask(SIG_BLOCK, &set, &stop->mask);
	return 0;
}

static void stop_read(struct stop *stop)
{
	struct signalfd_siginfo info;

	if (read(stop->fd, &info, sizeof(info)) == sizeof(info) && !stop->sig)
		stop->sig = info.ssi_signo;
}

/* End as the signal would have ended us; a shell then knows about it. */
static void stop_die(const struct stop *stop)
{
	signal(stop->sig, SIG_DFL);
	raise(stop->sig);
	sigprocmask(SIG_SETMASK, &stop->mask, NULL);
}

static struct accel_spec accel_spec(const struct lab *lab)
{
	const char *device = getenv("KILN_KVM");

	return (struct accel_spec){
		.work = lab->work,
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
static int choose_accel(const struct lab *lab, struct stop *stop, bool *kvm)
{
	struct accel_spec spec = accel_spec(lab);
	struct accel_trial trial = { .mask = &stop->mask, .signals = stop->fd };
	struct accel accel = {};
	struct argv argv = {};
	char *why = NULL;
	int err;

	*kvm = config_is_on(lab->config, "VM_ACCEL_KVM");
	if (*kvm || config_is_on(lab->config, "VM_ACCEL_TCG"))
		return 0;

	err = args_trial(&argv, lab->config, lab->dir, &why);
	if (err < 0)
		goto out_free_argv;

	trial.argv = argv.word;
	err = accel_choose(&accel, &spec, &trial);
	if (!err) {
		say_accel(&accel);
		*kvm = accel.kvm;
		accel_fini(&accel);
	}

out_free_argv:
	if (err == -EINTR)
		stop_read(stop);
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

static int make_command(struct argv *argv, const struct lab *lab, bool kvm)
{
	char *why = NULL;
	int err;

	err = args_machine(argv, lab->config, lab->dir, kvm, &why);
	if (err < 0)
		say("%s", why ? why : strerror(-err));
	free(why);
	return err;
}

static int print_command(struct lab *lab)
{
	struct argv argv = {};
	int err;

	/* Only to know what is remembered of it; it may be missing. */
	proc_find(&lab->qemu, config_text(lab->config, "VM_QEMU"));

	err = make_command(&argv, lab, guess_accel(lab));
	if (!err) {
		argv_print(&argv, stdout);
		putchar('\n');
		if (fflush(stdout) || ferror(stdout)) {
			err = -EIO;
			say("cannot print: %s", strerror(errno));
		}
	}
	argv_fini(&argv);
	return err < 0 ? RUN_NOT_STARTED : 0;
}

/* Stay with QEMU until it has ended.  Returns 0 or -errno. */
static int watch(struct proc *qemu, struct stop *stop)
{
	long long deadline = PROC_NEVER;
	int err;

	while ((err = proc_wait(qemu, stop->fd, deadline)) < 0) {
		if (err == -EAGAIN) {
			stop_read(stop);
			proc_signal(qemu, SIGTERM);
			if (deadline == PROC_NEVER)
				deadline = proc_deadline(STOP_MS);
		} else if (err == -ETIMEDOUT) {
			say("QEMU did not end in %d s; killing it",
			    STOP_MS / 1000);
			proc_signal(qemu, SIGKILL);
			deadline = PROC_NEVER;
		} else {
			return err;
		}
	}
	return 0;
}

static int exit_status(const struct proc *qemu, const struct stop *stop)
{
	char *end;

	if (!qemu->status || stop->sig)
		return 0;

	end = proc_end_text(qemu->status);
	say("QEMU %s", end ? end : "failed");
	free(end);
	return WIFSIGNALED(qemu->status) ? RUN_VANISHED : RUN_NOT_STARTED;
}

static int boot(const struct lab *lab, struct argv *argv, struct stop *stop)
{
	const struct proc_spec spec = {
		.path = lab->qemu,
		.argv = argv->word,
		.mask = &stop->mask,
		/* At SIGTERM QEMU itself puts the terminal back. */
		.death_signal = SIGTERM,
		.log = -1,
	};
	struct proc qemu;
	struct term term;
	int err;

	term_save(&term);
	err = proc_spawn(&qemu, &spec);
	if (err < 0) {
		say("cannot start %s: %s", lab->qemu, strerror(-err));
		return RUN_NOT_STARTED;
	}
	err = watch(&qemu, stop);
	term_restore(&term);
	if (err < 0) {
		say("lost sight of QEMU: %s", strerror(-err));
		return RUN_VANISHED;
	}
	return exit_status(&qemu, stop);
}

static int boot_lab(struct lab *lab)
{
	int status = RUN_NOT_STARTED;
	struct argv argv = {};
	struct stop stop;
	bool kvm;
	int lock;

	if (check_file(lab, "linux/vmlinux.stripped") < 0 ||
	    check_file(lab, "rootfs/initramfs.cpio") < 0 ||
	    find_qemu(lab) < 0)
		return RUN_NOT_STARTED;

	lock = take_lock(lab);
	if (lock < 0)
		return RUN_NOT_STARTED;
	if (stop_init(&stop) < 0)
		goto out_close_lock;

	if (!choose_accel(lab, &stop, &kvm) && !make_command(&argv, lab, kvm))
		status = boot(lab, &argv, &stop);

	argv_fini(&argv);
	if (stop.sig)
		stop_die(&stop);
	close(stop.fd);
out_close_lock:
	close(lock);
	return status;
}

int run(const struct run_options *options)
{
	int status = RUN_NOT_STARTED;
	struct lab lab;

	if (!lab_init(&lab, options->dir)) {
		if (options->print)
			status = print_command(&lab);
		else
			status = boot_lab(&lab);
	}
	lab_fini(&lab);
	return status;
}
