// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/str.h"
#include "lib/text.h"
#include "vm/client/dialog.h"
#include "vm/client/kmsg.h"
#include "vm/say.h"
#include "vm/watch/splat.h"

int kmsg_open(struct kmsg *kmsg, const struct client_options *options)
{
	struct client_options unlimited = *options;
	int std[] = { -1, -1, -1 };
	char data[4];
	int err;

	/* Its input ends at once, but is read only when we wait. */
	kmsg->null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	kmsg->file = dialog_file();
	std[0] = kmsg->null;
	std[1] = kmsg->file;
	unlimited.timeout = 0;
	err = call_open(&kmsg->call, &unlimited, std);
	if (err < 0) {
		close(kmsg->null);
		close(kmsg->file);
		return err;
	}
	frame_put32(data, 1);
	return ask_send(&kmsg->call.ask, FRAME_KMSG, data, sizeof(data));
}

void kmsg_close(struct kmsg *kmsg)
{
	call_close(&kmsg->call);
	close(kmsg->null);
	close(kmsg->file);
}

/* "priority,number,microseconds,...;message" */
static void kmsg_print_record(const char *record, size_t len)
{
	const char *text = memchr(record, ';', len);
	unsigned long long us;

	if (!text || sscanf(record, "%*u,%*u,%llu", &us) != 1)
		return;
	printf("[%5llu.%06llu] ", us / 1000000, us % 1000000);
	text++;
	text_print(stdout, text, record + len - text);
	putchar('\n');
}

/* Lines that begin with a blank belong to the record before them. */
static void kmsg_take_records(struct splat_watch *watch, const char *text)
{
	size_t line, len;

	for (; *text; text += len) {
		line = strcspn(text, "\n");
		len = line + (text[line] == '\n');
		while (text[len] == ' ') {
			len += strcspn(text + len, "\n");
			len += text[len] == '\n';
		}
		kmsg_print_record(text, line);
		if (watch)
			splat_watch_kmsg(watch, text, len);
	}
}

static int kmsg_open_list(struct splat_list **ret, const char *dir)
{
	char *splats = str_printf("%s/vm/splats", dir);
	char *allowed = str_printf("%s/vm/allowed", dir);
	char *why = NULL;
	int err;

	err = splat_list_open(ret, splats, allowed, &why);
	if (err < 0)
		say("%s", why ? why : strerror(-err));
	free(why);
	free(allowed);
	free(splats);
	return err;
}

static int kmsg_say_splats(struct splat_watch *watch)
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

int kmsg_print(struct kmsg *kmsg, const char *dir)
{
	struct splat_watch *watch = NULL;
	struct splat_list *list = NULL;
	char *text;
	int ret;

	call_wait(&kmsg->call);
	ret = dialog_text(&text, kmsg->file);
	if (ret < 0)
		return ret;
	ret = kmsg_open_list(&list, dir);
	if (!ret)
		ret = splat_watch_open(&watch, list);
	kmsg_take_records(watch, text);
	free(text);
	if (fflush(stdout) && !ret)
		ret = -errno;
	if (!ret)
		ret = kmsg_say_splats(watch);
	splat_watch_close(watch);
	splat_list_close(list);
	return ret;
}
