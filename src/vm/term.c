// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "term.h"

void term_save(struct term *term)
{
	int fd;

	term->is_tty = tcgetattr(STDIN_FILENO, &term->settings) == 0;
	for (fd = 0; fd < 3; fd++)
		term->flags[fd] = fcntl(fd, F_GETFL);
}

void term_restore(const struct term *term)
{
	sigset_t ttou, old;
	int fd;

	/* A process in the background is stopped for tcsetattr() otherwise. */
	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, &old);
	if (term->is_tty)
		tcsetattr(STDIN_FILENO, TCSANOW, &term->settings);
	sigprocmask(SIG_SETMASK, &old, NULL);

	for (fd = 0; fd < 3; fd++)
		if (term->flags[fd] >= 0)
			fcntl(fd, F_SETFL, term->flags[fd]);
}
