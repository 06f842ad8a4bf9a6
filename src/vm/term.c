// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "term.h"

void term_save(struct term *term)
{
	term->is_tty = tcgetattr(STDIN_FILENO, &term->settings) == 0;
}

/* A process in the background is stopped for tcsetattr() otherwise. */
static void set(const struct termios *settings)
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
	set(&raw);
}

void term_restore(const struct term *term)
{
	if (term->is_tty)
		set(&term->settings);
}

bool term_is_ours(void)
{
	return isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

void term_size(u16 *rows, u16 *columns)
{
	struct winsize size = {};

	ioctl(STDIN_FILENO, TIOCGWINSZ, &size);
	*rows = size.ws_row ? size.ws_row : 24;
	*columns = size.ws_col ? size.ws_col : 80;
}
