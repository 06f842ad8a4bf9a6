// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/proc.h"
#include "lib/sock.h"
#include "vm/args/device.h"
#include "vm/lab.h"
#include "vm/qemu/virtiofs.h"
#include "vm/say.h"

/* In the working folder, for a moment */
#define NAME "virtiofs"

/* What the server sees of the folder, in a /tmp of its own */
#define FOLDER "/tmp/folder"

/*
 * A server that listens on fd.  That of QEMU 7.2 cannot refuse to write, and that in
 * Rust takes not every path: both get the folder as a mount with another name.
 */
static int virtiofs_start(const char *program, const struct share *share,
			  int fd)
{
	const int std[] = { -1, -1, STDERR_FILENO };
	char option[32];
	char *const words[] = {
		"bwrap", "--die-with-parent", "--cap-add", "ALL",
		"--ro-bind", "/", "/", "--tmpfs", "/tmp",
		share->is_writable ? "--bind" : "--ro-bind",
		share->host, FOLDER, "--",
		(char *)program, option,
		"-o", "source=" FOLDER, "-o", "sandbox=chroot", NULL
	};
	sigset_t mask;
	struct proc proc;
	struct proc_spec spec = {
		.argv = words,
		.mask = &mask,
		.death_signal = SIGKILL,
		.keep = &fd,
		.keeps = 1,
		.std = std,
	};
	char *path;
	int err;

	err = proc_find(&path, words[0]);
	if (err < 0)
		return err;
	spec.path = path;
	snprintf(option, sizeof(option), "--fd=%d", fd);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	err = proc_spawn(&proc, &spec);
	free(path);
	return err;
}

/* ... and QEMU's end of the connection, which it accepts when it is up. */
static int virtiofs_serve(const char *program, const struct share *share,
			  int qemu)
{
	int fd, end, err;

	fd = sock_listen(".", NAME, 1);
	if (fd < 0)
		return fd;
	end = sock_connect(".", NAME);
	sock_unlink(".", NAME);
	err = end < 0 ? end : virtiofs_start(program, share, fd);
	if (!err && dup2(end, qemu) < 0)
		err = -errno;
	if (end >= 0)
		close(end);
	close(fd);
	return err;
}

/* Returns 0, or -errno after having said why. */
static int virtiofs_serve_all(const struct plan *plan)
{
	const struct share *share = plan->shares.share;
	size_t i;
	int err = 0;

	for (i = 0; i < plan->shares.count && !err; i++) {
		err = virtiofs_serve(plan->virtiofsd, &share[i],
				     VIRTIOFS_FD + i);
		if (err < 0)
			say("cannot serve %s by virtiofs: %s", share[i].host,
			    strerror(-err));
	}
	return err;
}

int virtiofs(const char *dir, char *const *command)
{
	struct lab lab;

	if (!lab_init(&lab, dir, NULL) && !lab_plan(&lab) &&
	    !virtiofs_serve_all(&lab.plan)) {
		execvp(command[0], command);
		say("%s: %s", command[0], strerror(errno));
	}
	lab_fini(&lab);
	return EXIT_FAILURE;
}
