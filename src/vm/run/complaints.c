// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/macros.h"
#include "vm/run/complaints.h"
#include "vm/say.h"

int complaints_open(struct complaints *complaints, const struct lab *lab,
		    char **why)
{
	char *splats = lab_path(lab, "splats");
	char *allowed = lab_path(lab, "allowed");
	int err;

	err = splat_list_open(&complaints->list, splats, allowed, why);
	if (!err)
		err = splat_watch_open(&complaints->watch, complaints->list);
	free(splats);
	free(allowed);
	return err;
}

void complaints_close(struct complaints *complaints)
{
	decoded_fini(&complaints->decoded);
	splat_watch_close(complaints->watch);
	splat_list_close(complaints->list);
}

/* Milliseconds on a clock that runs on while this host sleeps, as the guest's may. */
static u64 complaints_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static void complaints_hear(struct console_ear *ear, const char *bytes,
			    size_t count)
{
	struct complaints *complaints = container_of(ear, struct complaints,
						     ear);
	u64 ms = complaints_clock() - complaints->began;

	splat_watch_clock(complaints->watch, (ms + 1) * 1000);
	splat_watch_console(complaints->watch, bytes, count);
}

void complaints_listen(struct complaints *complaints, struct console *console,
		       u64 up_ms)
{
	complaints->began = complaints_clock() - up_ms;
	complaints->ear.hear = complaints_hear;
	console_listen(console, &complaints->ear);
}

void complaints_record(struct complaints *complaints, const char *record,
		       size_t size)
{
	splat_watch_kmsg(complaints->watch, record, size);
}

void complaints_flush(struct complaints *complaints)
{
	if (complaints->watch)
		splat_watch_flush(complaints->watch);
}

size_t complaints_count(const struct complaints *complaints)
{
	return complaints->watch ? splat_watch_count(complaints->watch) : 0;
}

const char *complaints_title(const struct complaints *complaints,
			     const char *kind)
{
	struct splat splat;
	size_t i;

	for (i = 0; i < complaints_count(complaints); i++) {
		splat_watch_get(complaints->watch, i, &splat);
		if (!kind || !strcmp(splat.kind, kind))
			return splat.title;
	}
	return NULL;
}

void complaints_decode(struct complaints *complaints,
		       const struct decode_spec *spec)
{
	int err;

	if (!complaints_count(complaints))
		return;
	err = decode(&complaints->decoded, spec, complaints->watch);
	if (err < 0 && err != -EAGAIN)
		say("some reports could not be decoded:  %s", strerror(-err));
}
