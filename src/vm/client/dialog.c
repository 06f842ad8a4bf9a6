// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/xmalloc.h"
#include "vm/client/call.h"
#include "vm/client/dialog.h"

int dialog_file(void)
{
	int fd = memfd_create("dialog", MFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void dialog_set_why(struct dialog *dialog, const char *why)
{
	snprintf(dialog->why, sizeof(dialog->why), "%s", why);
}

/* The result of the call, and in dialog->why the guest's reason. */
static int dialog_answer_of(struct dialog *dialog, const struct call *call)
{
	const struct ask *ask = &call->ask;
	int err = ask->err;

	if (call->sig)
		err = -EINTR;
	else if (call->is_timed_out)
		err = -ETIMEDOUT;
	else if (!ask->has_answer)
		err = -EPIPE;
	else if (ask->is_exit && ask->status)
		err = -ECHILD;
	dialog_set_why(dialog, ask->has_answer && ask->err ? ask_why(ask) :
							     strerror(-err));
	return err;
}

int dialog_ask(struct dialog *dialog, u16 type, const void *data, size_t size,
	       int in, int out)
{
	const int std[] = { in, out, -1 };
	struct call call;
	int err;

	if (in >= 0)
		lseek(in, 0, SEEK_SET);
	err = call_open(&call, &dialog->options, std);
	if (err < 0) {
		dialog_set_why(dialog, strerror(-err));
		return err;
	}
	err = size > FRAME_MAX ? -ENAMETOOLONG :
		ask_send(&call.ask, type, data, size);
	if (err < 0) {
		dialog_set_why(dialog, strerror(-err));
	} else {
		call_wait(&call);
		err = dialog_answer_of(dialog, &call);
	}
	call_close(&call);
	return err;
}

int dialog_ask_number(struct dialog *dialog, u16 type, u32 number,
		      const char *text, int in)
{
	size_t len = strlen(text);
	char *data = xmalloc(4 + len);
	int err;

	memcpy(frame_put32(data, number), text, len);
	err = dialog_ask(dialog, type, data, 4 + len, in, -1);
	free(data);
	return err;
}

int dialog_run(struct dialog *dialog, const char *script, int out)
{
	char *const words[] = { "/bin/sh", "-c", (char *)script, NULL };
	const int std[] = { -1, out, -1 };
	struct call call;
	int err;

	err = call_open(&call, &dialog->options, std);
	if (err < 0)
		return err;
	err = ask_run(&call.ask, words, false, 0, 0);
	if (!err) {
		call_wait(&call);
		err = dialog_answer_of(dialog, &call);
	}
	call_close(&call);
	return err;
}

int dialog_get_file(struct dialog *dialog, const char *path)
{
	int fd = dialog_file();
	int err;

	if (fd < 0)
		return fd;
	err = dialog_ask(dialog, FRAME_GET, path, strlen(path), -1, fd);
	if (!err)
		return fd;
	close(fd);
	return err;
}

int dialog_text(char **ret, int fd)
{
	struct stat st;
	ssize_t n = 0;
	off_t at = 0;
	char *text;

	if (fstat(fd, &st) < 0)
		return -errno;
	text = xmalloc(st.st_size + 1);
	do {
		at += n;
		n = pread(fd, text + at, st.st_size - at, at);
	} while (n > 0);
	text[at] = '\0';
	*ret = text;
	return 0;
}

int dialog_get(char **ret, struct dialog *dialog, const char *path)
{
	int fd = dialog_get_file(dialog, path);
	int err;

	if (fd < 0)
		return fd;
	err = dialog_text(ret, fd);
	close(fd);
	return err;
}
