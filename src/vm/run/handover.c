// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/macros.h"
#include "lib/sock.h"
#include "vm/run/handover.h"

/* The descriptors: the channels, console, keys, output, process, lock */
#define FDS (MACHINE_CHANNELS + 5)

/* What goes beside them */
struct note {
	u64 up;
	u64 pid;
};

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(FDS * sizeof(int))];
};

static void handover_pack(int fds[FDS], const struct handover *handover)
{
	const struct machine_ends *ends = &handover->ends;
	const int rest[] = { ends->console, ends->keys, ends->output,
			     ends->process, handover->lock };

	memcpy(fds, ends->channel, sizeof(ends->channel));
	memcpy(fds + MACHINE_CHANNELS, rest, sizeof(rest));
}

static void handover_unpack(struct handover *handover, const int fds[FDS])
{
	struct machine_ends *ends = &handover->ends;
	const int *rest = fds + MACHINE_CHANNELS;

	memcpy(ends->channel, fds, sizeof(ends->channel));
	ends->console = rest[0];
	ends->keys = rest[1];
	ends->output = rest[2];
	ends->process = rest[3];
	handover->lock = rest[4];
}

int handover_send(int fd, const struct handover *handover)
{
	struct note note = { .up = handover->up, .pid = handover->ends.pid };
	int fds[FDS];
	ssize_t n;

	handover_pack(fds, handover);
	n = sock_send(fd, &note, sizeof(note), fds, FDS,
		      MSG_NOSIGNAL | MSG_DONTWAIT);
	return n < 0 ? n : 0;
}

/* Something comes, or the end.  Returns 0 or -errno. */
static int handover_wait(int fd, int signals, long long deadline)
{
	struct pollfd polls[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	long long left;
	int n;

	do {
		left = deadline - clock_ms();
		n = poll(polls, ARRAY_SIZE(polls), left > 0 ? left : 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (!n)
		return -ETIMEDOUT;
	return polls[1].revents ? -EINTR : 0;
}

int handover_receive(struct handover *ret, int fd, int signals,
		     long long deadline)
{
	struct note note;
	struct iovec bytes = { .iov_base = &note, .iov_len = sizeof(note) };
	union control control;
	struct msghdr message = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int fds[FDS];
	int err;

	err = handover_wait(fd, signals, deadline);
	if (err < 0)
		return err;
	if (recvmsg(fd, &message, MSG_CMSG_CLOEXEC) != sizeof(note))
		return -EPIPE;
	/* It comes as a whole, or not at all. */
	if (!CMSG_FIRSTHDR(&message) ||
	    CMSG_FIRSTHDR(&message)->cmsg_len != CMSG_LEN(sizeof(fds)))
		return -EBADMSG;
	memcpy(fds, CMSG_DATA(&control.head), sizeof(fds));
	handover_unpack(ret, fds);
	ret->ends.pid = note.pid;
	ret->up = note.up;
	return 0;
}

void handover_drop(const struct handover *handover)
{
	int fds[FDS];
	int i;

	handover_pack(fds, handover);
	for (i = 0; i < FDS; i++)
		close(fds[i]);
}
