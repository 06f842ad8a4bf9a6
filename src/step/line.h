/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * line - the line at the foot of a terminal that says how far a step is
 *
 * The steps of one terminal, which make may start at once, share one line: the
 * first that draws has it until it ends, then another.  Nothing but \r and
 * \033[K moves the cursor, which rests at the beginning of the line, so that
 * what other programs print begins there.  There are no colours.
 */
#ifndef STEP_LINE_H
#define STEP_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct line_facts {
	const char *recipe;
	const char *step;
	const char *action;
	unsigned long done;
	unsigned long total; /* 0: not known */
	unsigned long elapsed; /* seconds */
	unsigned long left; /* 0: not known */
};

/*
 * Write what a terminal of so many columns shall show, as a string: as much as
 * there is room for, the least important last, and "" if there is none for the
 * step's name.
 */
void line_text(char *text, size_t size, const struct line_facts *facts,
	       unsigned int columns);

/* Print the one line that stays, with the time unless that is 0. */
void line_print(const char *recipe, const char *step, unsigned long elapsed);

/*
 * What erases a drawn line; to be printed, in one write, before other text.
 * "" if the file is no terminal.
 */
const char *line_eraser(int fd);

struct line {
	int fd; /* the terminal; -1: there is none to draw on */
	bool held;
};

/* Use standard output if that is a terminal. */
void line_open(struct line *line);

/* Draw it, unless another step does or a shell's other job has the terminal. */
void line_draw(struct line *line, const struct line_facts *facts);

/* Erase it and leave it to others, until it is drawn again. */
void line_erase(struct line *line);

void line_close(struct line *line);

#endif
