// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/btf.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "bpf/program.h"
#include "bpf/record.h"
#include "bpf/refusal.h"
#include "lib/macros.h"

/* What libbpf says is kept, for most of it is of interest only after a failure. */
static FILE *said;
static char *said_text;
static size_t said_size;

/* A ring buffer, and the type of its records in `types' */
static struct printed {
	const struct bpf_map *map;
	__u32 type;
} printed[16];
static size_t printed_count;

static const struct btf *types;
static struct ring_buffer *rings;
static int signals = -1;
static bool is_held;

static int program_hear(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_DEBUG || !said ? 0 : vfprintf(said, fmt, args);
}

static int program_block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	return signals < 0 ? -errno : 0;
}

static int program_print_record(void *context, void *data, size_t size)
{
	const struct printed *ring = context;

	record_print(stdout, types, ring->type, data, size);
	putchar('\n');
	return 0;
}

/*
 * Note the ring buffers whose records have a type.  For the kernel their values must
 * have no size, and libbpf forgets the type when it makes them.
 */
static void program_note_rings(struct bpf_object *object)
{
	struct bpf_map *map;
	__u32 type;

	bpf_object__for_each_map(map, object) {
		type = bpf_map__btf_value_type_id(map);
		if (bpf_map__type(map) != BPF_MAP_TYPE_RINGBUF || !type ||
		    printed_count == ARRAY_SIZE(printed))
			continue;
		bpf_map__set_value_size(map, 0);
		printed[printed_count++] = (struct printed){ map, type };
	}
}

static int program_open_rings(void)
{
	struct printed *ring = printed;
	int err = 0;

	for (; ring < printed + printed_count && !err; ring++) {
		if (rings)
			err = ring_buffer__add(rings, bpf_map__fd(ring->map),
					       program_print_record, ring);
		else
			rings = ring_buffer__new(bpf_map__fd(ring->map), program_print_record,
						 ring, NULL);
		if (!rings)
			err = -errno;
	}
	return err;
}

void program_hold(void)
{
	is_held = true;
}

void program_ready(void)
{
	const char *number = getenv("KILN_READY");
	int fd = number ? atoi(number) : -1;

	if (fd > STDERR_FILENO && write(fd, "", 1) == 1)
		close(fd);
}

int program_start(const char *name, struct bpf_object_skeleton *skeleton)
{
	int err;

	if (!skeleton) {
		err = -errno;
		fprintf(stderr, "%s: cannot open its object: %s\n", name, strerror(-err));
		return err;
	}
	said = open_memstream(&said_text, &said_size);
	libbpf_set_print(program_hear);
	types = bpf_object__btf(*skeleton->obj);
	program_note_rings(*skeleton->obj);
	err = program_block_signals();
	if (!err)
		err = bpf_object__load_skeleton(skeleton);
	if (!err)
		err = bpf_object__attach_skeleton(skeleton);
	if (!err)
		err = program_open_rings();
	if (said)
		fclose(said);
	said = NULL;
	if (err < 0 && said_text && *said_text)
		refusal_print(stderr, name, said_text);
	else if (err < 0)
		fprintf(stderr, "%s: %s\n", name, strerror(-err));
	free(said_text);
	if (!err && !is_held)
		program_ready();
	return err;
}

static int program_open_timer(int seconds)
{
	const struct itimerspec when = { .it_value.tv_sec = seconds };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (fd >= 0)
		timerfd_settime(fd, 0, &when, NULL);
	return fd;
}

int program_wait(int seconds)
{
	struct pollfd fds[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = seconds ? program_open_timer(seconds) : -1, .events = POLLIN },
		{ .fd = rings ? ring_buffer__epoll_fd(rings) : -1, .events = POLLIN },
	};
	int err = 0;

	while (err >= 0 && !fds[0].revents && !fds[1].revents) {
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			err = -errno;
		else if (rings)
			err = ring_buffer__consume(rings);
		if (fflush(stdout))
			err = -errno;
	}
	if (err < 0)
		fprintf(stderr, "%s: %s\n", program_invocation_short_name, strerror(-err));
	return err < 0 ? err : 0;
}
