// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <net/if.h>
#include <net/route.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/fs.h"
#include "guest/net.h"
#include "guest/text.h"

/* QEMU's user network */
#define ADDRESS 0x0a00020f /* 10.0.2.15 */
#define NETMASK 0xffffff00
#define GATEWAY 0x0a000202 /* 10.0.2.2 */

#define RESOLVER "/etc/resolv.conf"
#define NAMESERVER "nameserver 10.0.2.3\n"

/* On its way to RESOLVER; it has no name when it is there. */
#define IN_MEMORY "/dev/.kiln-resolv.conf"

/* The root's own default route, which has none, comes first and does not collide. */
#define METRIC 1024

static void net_set_name(struct ifreq *card, const char *name)
{
	*card = (struct ifreq){};
	memcpy(card->ifr_name, name, strlen(name));
}

static void net_switch_on(int fd, const char *name)
{
	struct ifreq card;

	net_set_name(&card, name);
	if (ioctl(fd, SIOCGIFFLAGS, &card) < 0)
		return;
	card.ifr_flags |= IFF_UP;
	ioctl(fd, SIOCSIFFLAGS, &card);
}

static void net_address(struct sockaddr *to, u32 address)
{
	const struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(address),
	};

	memcpy(to, &in, sizeof(in));
}

static void net_configure(int fd, const char *name)
{
	struct rtentry route = {
		.rt_flags = RTF_UP | RTF_GATEWAY,
		.rt_metric = METRIC + 1,
	};
	struct ifreq card;

	net_set_name(&card, name);
	net_address(&card.ifr_addr, ADDRESS);
	ioctl(fd, SIOCSIFADDR, &card);
	net_address(&card.ifr_netmask, NETMASK);
	ioctl(fd, SIOCSIFNETMASK, &card);
	net_switch_on(fd, name);

	net_address(&route.rt_dst, 0);
	net_address(&route.rt_genmask, 0);
	net_address(&route.rt_gateway, GATEWAY);
	ioctl(fd, SIOCADDRT, &route);
}

/* Is this the card with this hardware address, aa:bb:...? */
static bool net_has_address(const struct ifreq *card, const char *wanted)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = (const unsigned char *)card->ifr_hwaddr.sa_data;
	char text[18];
	int i;

	for (i = 0; i < 6; i++) {
		text[3 * i] = digits[bytes[i] >> 4];
		text[3 * i + 1] = digits[bytes[i] & 15];
		text[3 * i + 2] = ':';
	}
	return !strncmp(text, wanted, sizeof(text) - 1);
}

static void net_tell_other(const char *name)
{
	char bytes[300];
	struct text text = TEXT_IN(bytes);
	int fd;

	fd = fs_open_dev("kmsg", O_WRONLY);
	if (fd < 0)
		return;
	text_add(&text, "<5>init: ");
	text_add(&text, name);
	text_add(&text, " is on a network of yours: a DHCP client may ask for its address");
	text_add(&text, " (in busybox's root: /etc/init.d/network ");
	text_add(&text, name);
	text_add(&text, ")\n");
	if (write(fd, bytes, text.size) < 0)
		errno = 0;
	close(fd);
}

/* ifup fails on a card that has its address already. */
static bool net_is_of_init(const char *name)
{
	char bytes[8192], line[40];
	struct text text = TEXT_IN(line);
	ssize_t n;
	int fd;

	fd = open("/etc/network/interfaces", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, bytes, sizeof(bytes) - 1);
	close(fd);
	bytes[n > 0 ? n : 0] = '\0';
	text_add(&text, "\niface ");
	text_add(&text, name);
	text_add(&text, " ");
	return strstr(bytes, line);
}

static int net_write_resolver(const char *path, int flags)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
	bool is_done;

	if (fd < 0)
		return -errno;
	is_done = write(fd, NAMESERVER, strlen(NAMESERVER)) > 0;
	close(fd);
	return is_done ? 0 : -EIO;
}

/* Mount the file over the resolver's, or over a link, which may lead nowhere. */
static void net_mount_resolver(const char *path)
{
	int fd = syscall(SYS_open_tree, AT_FDCWD, path,
			 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0)
		return;
	syscall(SYS_move_mount, fd, "", AT_FDCWD, RESOLVER,
		MOVE_MOUNT_F_EMPTY_PATH);
	close(fd);
}

static void net_cover_resolver(void)
{
	int fd;

	/* Where there is none, something must be there to be covered. */
	fd = open(RESOLVER, O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd >= 0)
		close(fd);
	if (!net_write_resolver(IN_MEMORY, O_TRUNC))
		net_mount_resolver(IN_MEMORY);
	unlink(IN_MEMORY);
}

static void net_make_resolver(bool is_kept, bool has_init)
{
	struct stat st;

	/* What it leads to will be made by init, as by systemd-resolved. */
	if (has_init && !lstat(RESOLVER, &st) && S_ISLNK(st.st_mode))
		return;
	if (!is_kept && (!unlink(RESOLVER) || errno == ENOENT) &&
	    !net_write_resolver(RESOLVER, O_EXCL))
		return;
	net_cover_resolver();
}

/* The kernel numbers the cards from eth0 on. */
static void net_cards_up(int fd, const char *order, bool has_init)
{
	const char *how = strchr(order, ',');
	struct ifreq card;
	char name[] = "eth0";

	for (; name[3] <= '9'; name[3]++) {
		net_set_name(&card, name);
		if (ioctl(fd, SIOCGIFHWADDR, &card) < 0)
			return;
		if (!net_has_address(&card, order)) {
			net_tell_other(name);
		} else if (!has_init || !net_is_of_init(name)) {
			net_configure(fd, name);
			net_make_resolver(!how || !strcmp(how, ",kept"),
					  has_init);
		}
	}
}

void net_up(const char *order, bool has_init)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	net_switch_on(fd, "lo");
	net_cards_up(fd, order, has_init);
	close(fd);
}
