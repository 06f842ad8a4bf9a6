// SPDX-License-Identifier: GPL-2.0-only
/*
 * scull-ask - does with a device of scull what no shell can
 *
 *	scull-ask info DEVICE			print size, memory and limit
 *	scull-ask resize DEVICE SIZE
 *	scull-ask trim DEVICE SIZE		the same, open for reading alone
 *	scull-ask number DEVICE NUMBER		an ioctl with this number
 *	scull-ask peek DEVICE OFFSET		print the bytes from there to zero
 *	scull-ask poke DEVICE OFFSET TEXT	write them and a zero, by a mapping as well
 *	scull-ask echo DEVICE OFFSET		write what is mapped at 0 to OFFSET, read
 *						it back to what is mapped at 4096
 *	scull-ask hold DEVICE COMMAND ...	run it while the device is mapped
 *	scull-ask wait DEVICE			wait for more than there is, print it
 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scull.h"

#define MAPPED 65536 /* so much from the beginning on */
#define WAIT_MS 60000 /* much more than a test takes to write a line */

struct ask {
	const char *path;
	int fd;
	char **args;
};

static char *ask_map(struct ask *ask)
{
	char *map = mmap(NULL, MAPPED, PROT_READ | PROT_WRITE, MAP_SHARED, ask->fd, 0);

	if (map == MAP_FAILED)
		err(1, "mmap %s", ask->path);
	return map;
}

static int ask_info(struct ask *ask)
{
	struct scull_info info;

	if (ioctl(ask->fd, SCULL_IOC_INFO, &info) < 0)
		err(1, "info");
	printf("%llu %llu %llu\n", info.size, info.memory, info.limit);
	return 0;
}

static int ask_resize(struct ask *ask)
{
	__u64 size = strtoull(ask->args[0], NULL, 0);

	if (ioctl(ask->fd, SCULL_IOC_RESIZE, &size) < 0)
		err(1, "resize");
	return 0;
}

static int ask_number(struct ask *ask)
{
	if (ioctl(ask->fd, strtoul(ask->args[0], NULL, 0), NULL) < 0)
		err(1, "ioctl");
	return 0;
}

static int ask_peek(struct ask *ask)
{
	return puts(ask_map(ask) + strtoul(ask->args[0], NULL, 0)) < 0;
}

static int ask_poke(struct ask *ask)
{
	char *to = ask_map(ask) + strtoul(ask->args[0], NULL, 0);

	memcpy(to, ask->args[1], strlen(ask->args[1]) + 1);
	return 0;
}

/* Both the source and the target of this write may have to be paged in. */
static int ask_echo(struct ask *ask)
{
	off_t offset = strtoul(ask->args[0], NULL, 0);
	char *map = ask_map(ask);

	if (pwrite(ask->fd, map, 4096, offset) != 4096)
		err(1, "write");
	if (pread(ask->fd, map + 4096, 4096, offset) != 4096)
		err(1, "read");
	return 0;
}

static int ask_hold(struct ask *ask)
{
	int status;

	ask_map(ask);
	if (!fork()) {
		execvp(ask->args[0], ask->args);
		err(127, "%s", ask->args[0]);
	}
	wait(&status);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int ask_wait(struct ask *ask)
{
	struct pollfd poll_fd = { .fd = ask->fd, .events = POLLIN };
	char text[4096];
	ssize_t len;

	lseek(ask->fd, 0, SEEK_END);
	if (poll(&poll_fd, 1, 0))
		errx(1, "poll does not wait");
	puts("waiting");
	fflush(stdout);
	if (poll(&poll_fd, 1, WAIT_MS) != 1)
		errx(1, "poll waited in vain");
	len = read(ask->fd, text, sizeof(text));
	return write(1, text, len) != len;
}

static const struct command {
	const char *name;
	int (*run)(struct ask *ask);
	int args;
	int flags;
} commands[] = {
	{ "info", ask_info, 0, O_RDONLY },
	{ "resize", ask_resize, 1, O_RDWR },
	{ "trim", ask_resize, 1, O_RDONLY },
	{ "number", ask_number, 1, O_RDWR },
	{ "peek", ask_peek, 1, O_RDWR },
	{ "poke", ask_poke, 2, O_RDWR },
	{ "echo", ask_echo, 1, O_RDWR },
	{ "hold", ask_hold, 1, O_RDWR },
	{ "wait", ask_wait, 0, O_RDONLY },
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
	errx(2, "the head of scull-ask.c tells what can be asked");
}
