// SPDX-License-Identifier: GPL-2.0-only
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "guest/systemd.h"
#include "guest/text.h"
#include "lib/frame.h"

#define SOCKET "/run/systemd/private"
#define WAIT_MS 2000

/* The user 0, in hexadecimal digits of its ASCII */
#define GREETING "AUTH EXTERNAL 30\r\nBEGIN\r\n"

/* The variant that comes back has this string. */
#define ACTIVE "\6\0\0\0active"

/* D-Bus's codes for the fields of a message's head */
enum { PATH = 1, INTERFACE = 2, MEMBER = 3, DESTINATION = 6, SIGNATURE = 8 };

static void systemd_align(struct text *text, size_t to)
{
	while (text->size % to)
		text_add_bytes(text, "", 1);
}

static void systemd_add_u32(struct text *text, u32 number)
{
	char bytes[4];

	frame_put32(bytes, number);
	systemd_align(text, sizeof(bytes));
	text_add_bytes(text, bytes, sizeof(bytes));
}

static void systemd_add_string(struct text *text, const char *string)
{
	systemd_add_u32(text, strlen(string));
	text_add_bytes(text, string, strlen(string) + 1);
}

/* Type is `o' or `s'. */
static void systemd_add_field(struct text *text, char code, char type,
			      const char *value)
{
	const char head[] = { code, 1, type, '\0' };

	systemd_align(text, 8);
	text_add_bytes(text, head, sizeof(head));
	systemd_add_string(text, value);
}

/* A call of Get for the property ActiveState of basic.target */
static void systemd_add_call(struct text *text)
{
	static const char begin[] = { 'l', 1, 0, 1 };
	static const char signature[] = { SIGNATURE, 1, 'g', 0, 2, 's', 's', 0 };
	size_t body;

	text_add_bytes(text, begin, sizeof(begin));
	systemd_add_u32(text, 0); /* the size of the body; below */
	systemd_add_u32(text, 1);
	systemd_add_u32(text, 0); /* the size of the fields */
	systemd_add_field(text, PATH, 'o',
			  "/org/freedesktop/systemd1/unit/basic_2etarget");
	systemd_add_field(text, INTERFACE, 's',
			  "org.freedesktop.DBus.Properties");
	systemd_add_field(text, MEMBER, 's', "Get");
	systemd_add_field(text, DESTINATION, 's', "org.freedesktop.systemd1");
	systemd_align(text, 8);
	text_add_bytes(text, signature, sizeof(signature));
	frame_put32(text->bytes + 12, text->size - 16);

	systemd_align(text, 8);
	body = text->size;
	systemd_add_string(text, "org.freedesktop.systemd1.Unit");
	systemd_add_string(text, "ActiveState");
	frame_put32(text->bytes + 4, text->size - body);
}

static bool systemd_send(int fd, const void *bytes, size_t size)
{
	return send(fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/* Does what comes in the next time hold these bytes?  There is little to come. */
static bool systemd_hears(int fd, const char *bytes, size_t size)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	char answer[1024];
	size_t count = 0;
	ssize_t n;

	while (count < sizeof(answer) && poll(&ready, 1, WAIT_MS) > 0) {
		n = read(fd, answer + count, sizeof(answer) - count);
		if (n <= 0)
			return false;
		count += n;
		if (memmem(answer, count, bytes, size))
			return true;
		if (memmem(answer, count, "active", 6))
			return false;
	}
	return false;
}

bool systemd_is_basic(void)
{
	const struct sockaddr_un address = {
		.sun_family = AF_UNIX,
		.sun_path = SOCKET,
	};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char call[512];
	struct text text = TEXT_IN(call);
	bool is_active;

	if (fd < 0)
		return false;
	systemd_add_call(&text);
	/* A NUL comes first, as D-Bus wants it. */
	is_active = !connect(fd, (const void *)&address, sizeof(address)) &&
		    systemd_send(fd, "\0" GREETING, sizeof(GREETING)) &&
		    systemd_hears(fd, "OK ", 3) &&
		    systemd_send(fd, call, text.size) &&
		    systemd_hears(fd, ACTIVE, sizeof(ACTIVE) - 1);
	close(fd);
	return is_active;
}
