// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/proc.h"
#include "lib/str.h"
#include "vm/watch/decode.h"

/* The script's standard input and output, as files without a name. */
static int open_files(int *std, const char *report)
{
	size_t len = strlen(report);

	std[0] = memfd_create("report", MFD_CLOEXEC);
	std[1] = memfd_create("decoded", MFD_CLOEXEC);
	if (std[0] < 0 || std[1] < 0 ||
	    pwrite(std[0], report, len, 0) != (ssize_t)len)
		return -ENOMEM;
	return 0;
}

static int read_output(char **ret, int fd, const char *report)
{
	char *path = str_printf("/proc/self/fd/%d", fd);
	int err = path ? file_read(ret, path) : -ENOMEM;

	free(path);
	if (!err && !strcmp(*ret, report)) {
		free(*ret);
		*ret = NULL;
	}
	return err;
}

/* *ret stays NULL if there is nothing to decode. */
static int decode_one(char **ret, const struct decode_spec *spec, char *script,
		      const char *report, long long deadline)
{
	const struct foreign *foreign = spec->lab->plan.foreign;
	char *const argv[] = { script, spec->lab->dir,
			       foreign ? foreign->vmlinux : NULL,
			       foreign ? foreign->modules : NULL, NULL };
	int std[] = { -1, -1, -1 };
	const struct proc_spec proc_spec = {
		.path = script,
		.argv = argv,
		.mask = spec->mask,
		.death_signal = SIGKILL,
		.std = std,
	};
	struct proc proc;
	int err;

	err = open_files(std, report);
	if (!err)
		err = proc_spawn(&proc, &proc_spec);
	if (err < 0)
		goto out_close;

	err = proc_wait(&proc, spec->signals, deadline);
	if (err < 0) {
		/* With all that the script has started. */
		kill(-proc.pid, SIGKILL);
		proc_kill(&proc);
	} else {
		err = proc.status ? -EIO : read_output(ret, std[1], report);
	}

out_close:
	close(std[0]);
	close(std[1]);
	return err;
}

int decode(struct decoded *ret, const struct decode_spec *spec,
	   const struct splat_watch *watch)
{
	const struct foreign *foreign = spec->lab->plan.foreign;
	long long deadline = proc_deadline(DECODE_MS);
	size_t i, count = splat_watch_count(watch);
	struct splat splat;
	char *script;
	int err = 0;

	*ret = (struct decoded){};
	/* The lab's vmlinux has other things at the same addresses. */
	if (foreign && !foreign->vmlinux)
		return 0;
	ret->report = calloc(count, sizeof(char *));
	script = lab_path(spec->lab, "decode");
	if (script && ret->report)
		ret->count = count;
	for (i = 0; i < ret->count && !err; i++) {
		splat_watch_get(watch, i, &splat);
		err = decode_one(&ret->report[i], spec, script, splat.report,
				 deadline);
	}
	free(script);
	return ret->count == count ? err : -ENOMEM;
}

void decoded_fini(struct decoded *decoded)
{
	size_t i;

	for (i = 0; i < decoded->count; i++)
		free(decoded->report[i]);
	free(decoded->report);
}
