// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "step/line.h"

#define ERASER "\r\033[K"

static int line_print_time(char *text, size_t size, unsigned long seconds)
{
	if (seconds < 3600)
		return snprintf(text, size, "%lu:%02lu", seconds / 60, seconds % 60);
	return snprintf(text, size, "%lu:%02lu:%02lu", seconds / 3600,
			seconds / 60 % 60, seconds % 60);
}

/* Append field after two blanks.  Returns false if there is no room for it. */
static bool line_append(char *text, size_t limit, const char *field)
{
	size_t len = strlen(text);

	if (len + 2 + strlen(field) > limit)
		return false;
	snprintf(text + len, limit - len + 1, "  %s", field);
	return true;
}

static bool line_append_done(char *text, size_t limit, const struct line_facts *facts)
{
	char total[32], field[80];

	if (!facts->done && !facts->total)
		return true;

	snprintf(total, sizeof(total), "%lu", facts->total);
	if (facts->total)
		snprintf(field, sizeof(field), "%*lu/%s", (int)strlen(total), facts->done, total);
	else
		snprintf(field, sizeof(field), "%lu", facts->done);
	return line_append(text, limit, field);
}

static bool line_append_times(char *text, size_t limit, const struct line_facts *facts)
{
	char time[32], field[48];

	line_print_time(time, sizeof(time), facts->elapsed);
	if (!line_append(text, limit, time))
		return false;
	if (!facts->left)
		return true;

	line_print_time(time, sizeof(time), facts->left);
	snprintf(field, sizeof(field), "%s left", time);
	return line_append(text, limit, field);
}

/* "CC kernel/fork.o", or without the folder, or not at all. */
static void line_append_action(char *text, size_t limit, const char *action)
{
	const char *path = strrchr(action, ' ');
	const char *slash = strrchr(action, '/');
	char field[160];

	if (!*action || line_append(text, limit, action) || !path || !slash)
		return;
	snprintf(field, sizeof(field), "%.*s%s", (int)(path + 1 - action), action, slash + 1);
	line_append(text, limit, field);
}

void line_text(char *text, size_t size, const struct line_facts *facts,
	       unsigned int columns)
{
	/* Some terminals go to the next line when the last column is written. */
	size_t limit = columns ? columns - 1 : 0;
	size_t len;

	if (limit >= size)
		limit = size - 1;

	*text = '\0';
	len = 2 + strlen(facts->recipe) + 1 + strlen(facts->step);
	if (len > limit)
		return;

	/* Padded, that the numbers do not move from step to step. */
	len = snprintf(text, size, "  %-10s %-8s", facts->recipe, facts->step);
	if (len > limit)
		snprintf(text, size, "  %s %s", facts->recipe, facts->step);

	if (line_append_done(text, limit, facts) && line_append_times(text, limit, facts))
		line_append_action(text, limit, facts->action);
}

void line_print(const char *recipe, const char *step, unsigned long elapsed)
{
	char time[32];

	printf("%s  %-10s ", line_eraser(STDOUT_FILENO), recipe);
	if (elapsed) {
		line_print_time(time, sizeof(time), elapsed);
		printf("%-8s  %s\n", step, time);
	} else {
		printf("%s\n", step);
	}
	fflush(stdout);
}

static bool line_is_terminal(int fd)
{
	const char *term = getenv("TERM");

	return term && *term && strcmp(term, "dumb") && isatty(fd);
}

const char *line_eraser(int fd)
{
	return line_is_terminal(fd) ? ERASER : "";
}

/*
 * The terminal is opened anew: a lock belongs to the opened file, and what make
 * and its other children have is one and the same; and a terminal which the
 * user has stopped shall stop the drawing, but not the step.
 */
void line_open(struct line *line)
{
	line->held = false;
	line->fd = -1;
	if (!line_is_terminal(STDOUT_FILENO))
		return;
	line->fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	/* After su the terminal is still another user's. */
	if (line->fd < 0)
		line->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
}

static void line_put(const struct line *line, const char *text)
{
	/* If it is lost, the next one will do. */
	if (write(line->fd, text, strlen(text)) < 0)
		return;
}

static bool line_may_draw(struct line *line)
{
	pid_t foreground = tcgetpgrp(line->fd);

	if (foreground > 0 && foreground != getpgrp())
		return false;
	if (!line->held)
		line->held = !flock(line->fd, LOCK_EX | LOCK_NB);
	return line->held;
}

void line_draw(struct line *line, const struct line_facts *facts)
{
	struct winsize window = {};
	char text[512], drawn[sizeof(text) + 8];

	if (!line_may_draw(line))
		return;

	if (ioctl(line->fd, TIOCGWINSZ, &window) < 0 || !window.ws_col)
		window.ws_col = 80;
	line_text(text, sizeof(text), facts, window.ws_col);
	/* Erased after it is written: nothing flickers. */
	snprintf(drawn, sizeof(drawn), "\r%s\033[K\r", text);
	line_put(line, drawn);
}

void line_erase(struct line *line)
{
	if (!line->held)
		return;
	line_put(line, ERASER);
	flock(line->fd, LOCK_UN);
	line->held = false;
}

void line_close(struct line *line)
{
	line_erase(line);
	if (line->fd >= 0)
		close(line->fd);
	line->fd = -1;
}
