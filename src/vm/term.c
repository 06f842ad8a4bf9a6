// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vm/term.h"

void term_save(struct term *term)
{
	term->is_tty = tcgetattr(STDIN_FILENO, &term->settings) == 0;
}

/* Without blocking SIGTTOU, tcsetattr() would stop a background process. */
static void term_set(const struct termios *settings)
{
	sigset_t ttou, old;

	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, &old);
	tcsetattr(STDIN_FILENO, TCSANOW, settings);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

void term_raw(const struct term *term)
{
	struct termios raw = term->settings;

	if (!term->is_tty)
		return;
	cfmakeraw(&raw);
	raw.c_oflag = term->settings.c_oflag;
	term_set(&raw);
}

void term_restore(const struct term *term)
{
	if (term->is_tty)
		term_set(&term->settings);
}

/* Has our session a controlling terminal? */
static bool term_is_controlled(void)
{
	int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool term_is_ours(void)
{
	pid_t group;

	if (!isatty(STDIN_FILENO))
		return false;
	group = tcgetpgrp(STDIN_FILENO);
	if (group < 0 && errno == ENOTTY)
		return !term_is_controlled();
	return group == getpgrp();
}

void term_size(u16 *rows, u16 *columns)
{
	struct winsize size = {};

	ioctl(STDIN_FILENO, TIOCGWINSZ, &size);
	*rows = size.ws_row ? size.ws_row : 24;
	*columns = size.ws_col ? size.ws_col : 80;
}
