// SPDX-License-Identifier: GPL-2.0-only
/*
 * kiln-ask - does with a device of virtio_kiln what no shell can
 *
 *	kiln-ask mode DEVICE echo|upper		what writes do with their data
 *	kiln-ask delay DEVICE MS
 *	kiln-ask stats DEVICE			requests, bytes, kicks, batches
 *	kiln-ask checksum DEVICE TEXT
 *	kiln-ask checksum-of DEVICE BYTES	of so many zeros
 *	kiln-ask number DEVICE NUMBER		an ioctl with this number
 *	kiln-ask copy DEVICE BYTES SIZE		write so many in pieces of SIZE, and read
 *						and compare them meanwhile
 *	kiln-ask trip DEVICE COUNT SIZE		write and read so many bytes, so often:
 *						microseconds for each time; for any
 *						device that sends back what it gets
 *	kiln-ask poll DEVICE			in, out, err, hup: what is so now
 *	kiln-ask wait DEVICE			print "waiting", wait until it can be read
 *	kiln-ask read DEVICE			read without waiting
 *	kiln-ask fill DEVICE			write without waiting until that fails
 *	kiln-ask event FILE			print "waiting", wait for a message in it
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "virtio_kiln.h"

#define WAIT_MS 60000 /* much more than a test takes to do something */

struct ask {
	const char *path;
	int fd;
	char **args;
};

static int ask_mode(struct ask *ask)
{
	__u32 mode = strcmp(ask->args[0], "upper") ? VIRTIO_KILN_ECHO : VIRTIO_KILN_UPPER;

	if (ioctl(ask->fd, KILN_IOC_MODE, &mode) < 0)
		err(1, "mode");
	return 0;
}

static int ask_delay(struct ask *ask)
{
	__u32 ms = strtoul(ask->args[0], NULL, 0);

	if (ioctl(ask->fd, KILN_IOC_DELAY, &ms) < 0)
		err(1, "delay");
	return 0;
}

static int ask_stats(struct ask *ask)
{
	struct kiln_stats stats;

	if (ioctl(ask->fd, KILN_IOC_STATS, &stats) < 0)
		err(1, "stats");
	printf("%llu %llu %llu %llu\n", stats.requests, stats.bytes, stats.kicks,
	       stats.batches);
	return 0;
}

static int ask_sum(struct ask *ask, const void *data, size_t len)
{
	struct kiln_checksum checksum = { .data = (unsigned long)data, .len = len };

	if (ioctl(ask->fd, KILN_IOC_CHECKSUM, &checksum) < 0)
		err(1, "checksum");
	printf("%08x\n", checksum.sum);
	return 0;
}

static int ask_checksum(struct ask *ask)
{
	return ask_sum(ask, ask->args[0], strlen(ask->args[0]));
}

static int ask_checksum_of(struct ask *ask)
{
	size_t len = strtoul(ask->args[0], NULL, 0);

	return ask_sum(ask, calloc(1, len + 1), len);
}

static int ask_number(struct ask *ask)
{
	if (ioctl(ask->fd, strtoul(ask->args[0], NULL, 0), NULL) < 0)
		err(1, "ioctl");
	return 0;
}

static char ask_byte(size_t pos)
{
	return pos * 2654435761U >> 13;
}

static void ask_write(struct ask *ask, size_t bytes, size_t size)
{
	char *data = malloc(size);
	size_t pos, i;
	ssize_t len;

	for (pos = 0; pos < bytes; pos += len) {
		if (size > bytes - pos)
			size = bytes - pos;
		for (i = 0; i < size; i++)
			data[i] = ask_byte(pos + i);
		len = write(ask->fd, data, size);
		if (len <= 0)
			err(1, "write");
	}
}

static void ask_compare(struct ask *ask, size_t bytes)
{
	static char data[65536];
	size_t pos;
	ssize_t len, i;

	for (pos = 0; pos < bytes; pos += len) {
		len = read(ask->fd, data, sizeof(data));
		if (len <= 0)
			err(1, "read");
		for (i = 0; i < len; i++)
			if (data[i] != ask_byte(pos + i))
				errx(1, "byte %zu is another", pos + i);
	}
}

/* Both ways at once: a device with little room takes no more before it is read. */
static void ask_go_and_return(struct ask *ask, char *data, size_t size)
{
	struct pollfd fd = { .fd = ask->fd };
	size_t sent = 0, got = 0;
	ssize_t n;

	while (got < size) {
		fd.events = sent < size ? POLLIN | POLLOUT : POLLIN;
		if (poll(&fd, 1, WAIT_MS) != 1)
			errx(1, "%zu bytes came back of %zu", got, size);
		if (fd.revents & POLLIN) {
			n = read(ask->fd, data, size - got);
			if (n < 0 && errno != EAGAIN)
				err(1, "read");
			got += n > 0 ? n : 0;
		} else {
			n = write(ask->fd, data, size - sent);
			if (n < 0 && errno != EAGAIN)
				err(1, "write");
			sent += n > 0 ? n : 0;
		}
	}
}

static int ask_trip(struct ask *ask)
{
	size_t count = strtoul(ask->args[0], NULL, 0);
	size_t size = strtoul(ask->args[1], NULL, 0);
	char *data = calloc(1, size);
	struct timespec from, to;
	size_t i;

	if (!data || !count)
		errx(1, "no memory, or no trip");
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (i = 0; i < count; i++)
		ask_go_and_return(ask, data, size);
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%.1f\n", ((to.tv_sec - from.tv_sec) * 1e6 +
			  (to.tv_nsec - from.tv_nsec) / 1e3) / count);
	return 0;
}

static int ask_copy(struct ask *ask)
{
	size_t bytes = strtoul(ask->args[0], NULL, 0);
	int status;

	if (!fork()) {
		ask_write(ask, bytes, strtoul(ask->args[1], NULL, 0));
		_exit(0);
	}
	ask_compare(ask, bytes);
	wait(&status);
	return status != 0;
}

static int ask_poll(struct ask *ask)
{
	struct pollfd poll_fd = { .fd = ask->fd, .events = POLLIN | POLLOUT };

	if (poll(&poll_fd, 1, 0) < 0)
		err(1, "poll");
	printf("%s%s%s%s\n", poll_fd.revents & POLLIN ? "in " : "",
	       poll_fd.revents & POLLOUT ? "out " : "",
	       poll_fd.revents & POLLERR ? "err " : "",
	       poll_fd.revents & POLLHUP ? "hup " : "");
	return 0;
}

static int ask_wait_for(struct ask *ask, short events)
{
	struct pollfd poll_fd = { .fd = ask->fd, .events = events };
	char text[4096];
	ssize_t len;

	if (events == POLLPRI && read(ask->fd, text, sizeof(text)) < 0)
		err(1, "read");
	puts("waiting");
	fflush(stdout);
	if (poll(&poll_fd, 1, WAIT_MS) != 1)
		errx(1, "poll waited in vain");
	if (events == POLLPRI)
		lseek(ask->fd, 0, SEEK_SET);
	len = read(ask->fd, text, sizeof(text));
	if (len < 0)
		err(1, "read");
	return write(1, text, len) != len;
}

static int ask_wait(struct ask *ask)
{
	return ask_wait_for(ask, POLLIN);
}

static int ask_event(struct ask *ask)
{
	return ask_wait_for(ask, POLLPRI);
}

static int ask_read(struct ask *ask)
{
	char text[4096];
	ssize_t len = read(ask->fd, text, sizeof(text));

	if (len < 0)
		err(1, "read");
	return write(1, text, len) != len;
}

static int ask_fill(struct ask *ask)
{
	static char data[65536];
	size_t done = 0;
	ssize_t len;

	while ((len = write(ask->fd, data, sizeof(data))) > 0)
		done += len;
	printf("%zu\n", done);
	err(1, "write");
}

static const struct command {
	const char *name;
	int (*run)(struct ask *ask);
	int args;
	int flags;
} commands[] = {
	{ "mode", ask_mode, 1, O_RDWR },
	{ "delay", ask_delay, 1, O_RDONLY },
	{ "stats", ask_stats, 0, O_RDONLY },
	{ "checksum", ask_checksum, 1, O_RDONLY },
	{ "checksum-of", ask_checksum_of, 1, O_RDONLY },
	{ "number", ask_number, 1, O_RDWR },
	{ "copy", ask_copy, 2, O_RDWR },
	{ "trip", ask_trip, 2, O_RDWR | O_NONBLOCK },
	{ "poll", ask_poll, 0, O_RDWR },
	{ "wait", ask_wait, 0, O_RDONLY },
	{ "read", ask_read, 0, O_RDONLY | O_NONBLOCK },
	{ "fill", ask_fill, 0, O_WRONLY | O_NONBLOCK },
	{ "event", ask_event, 0, O_RDONLY },
	{}
};

int main(int argc, char **argv)
{
	struct ask ask = { .args = argv + 3 };
	const struct command *command;

	for (command = commands; command->name; command++) {
		if (argc < 3 + command->args || strcmp(argv[1], command->name))
			continue;
		ask.path = argv[2];
		ask.fd = open(ask.path, command->flags);
		if (ask.fd < 0)
			err(1, "%s", ask.path);
		return command->run(&ask);
	}
	errx(2, "the head of kiln-ask.c tells what can be asked");
}
