// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"
#include "outside.h"
#include "proc.h"
#include "say.h"
#include "sock.h"
#include "virtiofs.h"
#include "why.h"

/* In the working folder, for a moment */
#define NAME "virtiofs"

/* What the server sees of the folder, in a /tmp of its own */
#define FOLDER "/tmp/folder"

/*
 * A server that listens on fd.  That of QEMU 7.2 cannot refuse to write, and that in
 * Rust takes not every path: both get the folder as a mount with another name.
 */
static int start(const struct config *config, const struct share *share, int fd)
{
	const int std[] = { -1, -1, STDERR_FILENO };
	char option[32];
	char *const words[] = {
		"bwrap", "--die-with-parent", "--cap-add", "ALL",
		"--ro-bind", "/", "/", "--tmpfs", "/tmp",
		share->is_writable ? "--bind" : "--ro-bind",
		share->host, FOLDER, "--",
		(char *)config_text(config, "VM_VIRTIOFSD"), option,
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
static int serve(const struct config *config, const struct share *share,
		 int qemu)
{
	int fd, end, err;

	fd = sock_listen(".", NAME, 1);
	if (fd < 0)
		return fd;
	end = sock_connect(".", NAME);
	sock_unlink(".", NAME);
	err = end < 0 ? end : start(config, share, fd);
	if (!err && dup2(end, qemu) < 0)
		err = -errno;
	if (end >= 0)
		close(end);
	close(fd);
	return err;
}

static int serve_all(const struct config *config, char **why)
{
	struct shares shares;
	size_t i;
	int err;

	err = shares_init(&shares, config, why);
	if (err < 0)
		return err;
	for (i = 0; i < shares.count && !err; i++) {
		err = serve(config, &shares.share[i], VIRTIOFS_FD + i);
		if (err < 0)
			why_set(why, err, "cannot serve %s by virtiofs: %s",
				shares.share[i].host, strerror(-err));
	}
	shares_fini(&shares);
	return err;
}

int virtiofs(const char *dir, char *const *command)
{
	char *why = NULL;
	struct lab lab;
	int err;

	err = lab_init(&lab, dir, NULL);
	if (err < 0)
		goto out_fini_lab;
	err = serve_all(lab.config, &why);
	if (err < 0) {
		say("%s", why ? why : strerror(-err));
		goto out_free_why;
	}
	execvp(command[0], command);
	say("%s: %s", command[0], strerror(errno));
out_free_why:
	free(why);
out_fini_lab:
	lab_fini(&lab);
	return EXIT_FAILURE;
}
