// SPDX-License-Identifier: GPL-2.0-only
/*
 * agree - does the work of `check` for many lists of files, one per line of standard
 * input, and reads the menu only once
 *
 * Linked with the objects of a kernel's scripts/kconfig.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lkc.h"

#include "kconfig/asked.h"
#include "kconfig/judge.h"
#include "kconfig/menus.h"

#define FILES_MAX 64
#define BLANKS " \t\n"

static const char usage[] =
	"usage: agree DIR KCONFIG CONFIG <LISTS\n"
	"\n"
	"A list is [-n] FILE... [-- FILE...]...; are the lines after the first --\n"
	"true in the configuration that is made of all?  It is written to CONFIG.\n"
	"With -n what no line sets is off.  KCONFIG is read in DIR.\n";

/* Judge one list, in a process of its own because the menu keeps the values. */
static int agree_judge(const char *config, char **files, bool off)
{
	struct asked asked = { 0 };
	const char *file;

	if (asked_read_all(&asked, files, &file) < 0) {
		perror(file);
		return 2;
	}
	if (asked_write(&asked, config) < 0 || conf_read(config)) {
		perror(config);
		return 2;
	}
	if (off)
		menus_turn_off();
	return judge_all(&asked, 1) != 0;
}

/* Returns the status of the process for one list. */
static int agree_apart(const char *config, char *list)
{
	char *files[FILES_MAX + 1];
	bool off = false;
	int count = 0;
	int status;
	pid_t pid;

	for (list = strtok(list, BLANKS); list; list = strtok(NULL, BLANKS)) {
		if (!strcmp(list, "-n"))
			off = true;
		else if (count < FILES_MAX)
			files[count++] = list;
	}
	files[count] = NULL;

	pid = fork();
	if (!pid)
		exit(agree_judge(config, files, off));
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

int main(int argc, char **argv)
{
	char *list = NULL;
	size_t size = 0;
	int worst = 0;
	int status;

	if (argc != 4) {
		fputs(usage, stderr);
		return 2;
	}
	if (menus_read(argv[2], argv[1]) < 0) {
		perror(argv[1]);
		return 2;
	}

	while (getline(&list, &size, stdin) >= 0) {
		fprintf(stderr, "%s", list);
		status = agree_apart(argv[3], list);
		if (status > worst)
			worst = status;
	}
	free(list);
	return worst;
}
