// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/proc.h"
#include "lib/str.h"
#include "lib/text.h"
#include "vm/qemu/accel.h"

#define TRIAL_MS 2500

/* Returns 0 if the device can be used, or -errno. */
static int accel_try_device(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/*
 * All that the result depends on; the file begins with it.  The device is part
 * of it so that a user who mends its permissions gets his trial.
 */
static int accel_make_key(char **ret, const struct accel_spec *spec)
{
	char *boot, *key;
	struct stat st;
	int err;

	if (stat(spec->qemu, &st) < 0)
		return -errno;
	err = file_read(&boot, "/proc/sys/kernel/random/boot_id");
	if (err < 0)
		return err;

	/* boot ends with a newline of its own. */
	key = str_printf("boot %sqemu %jd %jd.%09ld %s\nmachine %s\n%s %s\n",
			 boot, (intmax_t)st.st_size,
			 (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
			 spec->qemu, spec->machine, spec->device,
			 strerror(-accel_try_device(spec->device)));
	free(boot);
	if (!key)
		return -ENOMEM;
	*ret = key;
	return 0;
}

static int accel_read_result(struct accel *ret, const char *path,
			     const char *key)
{
	size_t len = strlen(key);
	int err = -ENOENT;
	char *text, *why;

	if (file_read(&text, path) < 0)
		return -ENOENT;

	if (strncmp(text, key, len))
		goto out_free_text;

	if (!strcmp(text + len, "accel kvm\n")) {
		*ret = (struct accel){ .kvm = true };
		err = 0;
	} else if (!strncmp(text + len, "accel tcg\nwhy ", 14)) {
		why = strdup(text + len + 14);
		if (why) {
			why[strcspn(why, "\n")] = '\0';
			*ret = (struct accel){ .why = why };
		}
		err = why ? 0 : -ENOMEM;
	}

out_free_text:
	free(text);
	return err;
}

static int accel_write_result(const struct accel *accel, const char *path,
			      const char *key)
{
	char *text;
	int err;

	if (accel->kvm)
		text = str_printf("%saccel kvm\n", key);
	else
		text = str_printf("%saccel tcg\nwhy %s\n", key, accel->why);
	if (!text)
		return -ENOMEM;

	err = file_write(path, text);
	free(text);
	return err;
}

static char *accel_why_no_device(const char *path, int err)
{
	const char *remedy = "";

	if (err == -ENOENT)
		remedy = ": load kvm_intel or kvm_amd, or allow virtualization in the firmware";
	else if (err == -EACCES)
		remedy = ": join the group that owns it and log in again";

	return str_printf("%s: %s%s", path, strerror(-err), remedy);
}

/* Cut text down to its last line, without what a terminal would act on. */
static char *accel_last_line(char *text)
{
	char *line;

	text += strspn(text, "\n");
	line = text + strlen(text);
	while (line > text && line[-1] == '\n')
		*--line = '\0';
	while (line > text && line[-1] != '\n')
		line--;
	text_disarm(line, strlen(line), ' ');
	return line;
}

/*
 * Why the trial failed, by what it said; ended says whether QEMU did so by itself.
 * *hung becomes true if all that is known is that the kernel did not come up.
 */
static char *accel_why_failed(bool *hung, char *text, bool ended, int status)
{
	char *end, *why;
	const char *line;

	if (ended && !status) {
		*hung = true;
		return strdup("the kernel reset the machine without a message");
	}
	if (ended) {
		end = proc_end_text(status);
		line = accel_last_line(text);
		why = str_printf("QEMU %s%s%s", end ? end : "failed",
				 *line ? ": " : "", line);
		free(end);
		return why;
	}
	/* QEMU stays then, with the machine paused. */
	if (strstr(text, "KVM internal error"))
		return strdup("QEMU reports a KVM internal error");
	*hung = true;
	return str_printf("the kernel did not come up in %d.%d s",
			  TRIAL_MS / 1000, TRIAL_MS % 1000 / 100);
}

/* Judge a trial by its log; *why stays NULL if it worked.  Returns 0 or -errno. */
static int accel_judge(char **why, bool *hung, const char *log, bool ended,
		       int status)
{
	char *text;
	int err;

	err = file_read(&text, log);
	if (err < 0)
		return err;
	/* The kernel came up as far as it can without a root. */
	if (!ended || status || !strstr(text, "Kernel panic")) {
		*why = accel_why_failed(hung, text, ended, status);
		err = *why ? 0 : -ENOMEM;
	}
	free(text);
	return err;
}

/* Boot under KVM; *why stays NULL if that worked.  Returns 0 or -errno. */
static int accel_try_kvm(char **why, bool *hung, const struct accel_spec *spec,
			 const struct accel_trial *trial)
{
	int std[] = { -1, -1, -1 };
	const struct proc_spec proc_spec = {
		.path = spec->qemu,
		.argv = trial->argv,
		.mask = trial->mask,
		.death_signal = SIGKILL,
		.std = std,
	};
	struct proc proc;
	int err;

	std[1] = open(trial->log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND |
		      O_CLOEXEC, 0666);
	std[2] = std[1];
	if (std[1] < 0)
		return -errno;
	err = proc_spawn(&proc, &proc_spec);
	close(std[1]);
	if (err < 0)
		return err;

	err = proc_wait(&proc, trial->signals, proc_deadline(TRIAL_MS));
	if (err < 0)
		proc_kill(&proc);
	if (err == -EAGAIN)
		err = -EINTR;
	if (!err || err == -ETIMEDOUT)
		err = accel_judge(why, hung, trial->log, !err, proc.status);
	return err;
}

static int accel_find_out(struct accel *ret, const struct accel_spec *spec,
			  const struct accel_trial *trial)
{
	bool hung = false;
	char *why = NULL;
	int err;

	err = accel_try_device(spec->device);
	if (err < 0) {
		why = accel_why_no_device(spec->device, err);
		err = why ? 0 : -ENOMEM;
	} else {
		err = accel_try_kvm(&why, &hung, spec, trial);
	}
	if (err < 0)
		return err;

	*ret = (struct accel){
		.kvm = !why,
		.is_new = true,
		.is_doubtful = hung,
		.why = why,
	};
	return 0;
}

static int accel_recall_or_try(struct accel *ret, const struct accel_spec *spec,
			       const struct accel_trial *trial)
{
	char *key = NULL;
	char *path;
	int err;

	err = accel_make_key(&key, spec);
	if (err < 0)
		return err;
	path = str_printf("%s/accel", spec->work);
	if (!path) {
		err = -ENOMEM;
		goto err_free_key;
	}

	err = accel_read_result(ret, path, key);
	if (err == -ENOENT && trial) {
		err = accel_find_out(ret, spec, trial);
		/* Not kept: the next run finds out again, no worse. */
		if (!err && !ret->is_doubtful)
			accel_write_result(ret, path, key);
	}

	free(path);
err_free_key:
	free(key);
	return err;
}

void accel_confirm(const struct accel *accel, const struct accel_spec *spec)
{
	char *key = NULL;
	char *path = str_printf("%s/accel", spec->work);

	if (path && accel->is_doubtful && !accel_make_key(&key, spec))
		accel_write_result(accel, path, key);
	free(key);
	free(path);
}

int accel_recall(struct accel *ret, const struct accel_spec *spec)
{
	return accel_recall_or_try(ret, spec, NULL);
}

int accel_choose(struct accel *ret, const struct accel_spec *spec,
		 const struct accel_trial *trial)
{
	return accel_recall_or_try(ret, spec, trial);
}

void accel_fini(struct accel *accel)
{
	free(accel->why);
	memset(accel, 0, sizeof(*accel));
}
