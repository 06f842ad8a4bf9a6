// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dialog.h"
#include "log.h"
#include "say.h"
#include "splat.h"
#include "str.h"

int log_open(struct log *log, const char *dir)
{
	int std[] = { -1, -1, -1 };
	char data[4];
	int err;

	/* It has its end in it from the start, but nobody reads that yet. */
	log->null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	log->file = dialog_file();
	std[0] = log->null;
	std[1] = log->file;
	err = call_open(&log->call, dir, 0, std);
	if (err < 0) {
		close(log->null);
		close(log->file);
		return err;
	}
	frame_put32(data, 1);
	return ask_send(&log->call.ask, FRAME_KMSG, data, sizeof(data));
}

void log_close(struct log *log)
{
	call_close(&log->call);
	close(log->null);
	close(log->file);
}

/* "priority,number,microseconds,...;message" */
static void print_record(const char *record, size_t len)
{
	const char *text = memchr(record, ';', len);
	unsigned long long us;
	const char *c;

	if (!text || sscanf(record, "%*u,%*u,%llu", &us) != 1)
		return;
	printf("[%5llu.%06llu] ", us / 1000000, us % 1000000);
	for (c = text + 1; c < record + len; c++)
		putchar((unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c);
	putchar('\n');
}

/* Lines behind a record that begin with a blank belong to it. */
static void take_records(struct splat_watch *watch, const char *text)
{
	size_t line, len;

	for (; *text; text += len) {
		line = strcspn(text, "\n");
		len = line + (text[line] == '\n');
		while (text[len] == ' ') {
			len += strcspn(text + len, "\n");
			len += text[len] == '\n';
		}
		print_record(text, line);
		if (watch)
			splat_watch_kmsg(watch, text, len);
	}
}

static int open_list(struct splat_list **ret, const char *dir)
{
	char *splats = str_printf("%s/vm/splats", dir);
	char *allowed = str_printf("%s/vm/allowed", dir);
	char *why = NULL;
	int err = -ENOMEM;

	if (splats && allowed)
		err = splat_list_open(ret, splats, allowed, &why);
	if (err < 0)
		say("%s", why ? why : strerror(-err));
	free(why);
	free(allowed);
	free(splats);
	return err;
}

static int say_splats(struct splat_watch *watch)
{
	struct splat splat;
	size_t i;

	splat_watch_flush(watch);
	for (i = 0; i < splat_watch_count(watch); i++) {
		splat_watch_get(watch, i, &splat);
		say("the kernel complained: %s", splat.title);
	}
	return i;
}

int log_print(struct log *log, const char *dir)
{
	struct splat_watch *watch = NULL;
	struct splat_list *list = NULL;
	char *text;
	int ret;

	call_wait(&log->call);
	ret = dialog_text(&text, log->file);
	if (ret < 0)
		return ret;
	ret = open_list(&list, dir);
	if (!ret)
		ret = splat_watch_open(&watch, list);
	take_records(watch, text);
	free(text);
	if (fflush(stdout) && !ret)
		ret = -errno;
	if (!ret)
		ret = say_splats(watch);
	splat_watch_close(watch);
	splat_list_close(list);
	return ret;
}
