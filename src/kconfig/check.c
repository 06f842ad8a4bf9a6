// SPDX-License-Identifier: GPL-2.0-only
/*
 * check - reports what Kconfig would silently drop from a configuration
 *
 * Linked with the objects of a kernel's scripts/kconfig, in place of conf.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lkc.h"

#include "kconfig/asked.h"
#include "kconfig/judge.h"
#include "kconfig/menus.h"

static const char usage[] =
	"usage: check [-wk] [-C DIR] KCONFIG CONFIG FILE... [-- FILE...]...\n"
	"\n"
	"Does the configuration CONFIG have every line of FILE..., and does the\n"
	"menu KCONFIG know it?  Files after -- override those before.\n"
	"  -w      first write to CONFIG what the files ask for\n"
	"  -k      Kconfig wrote them: what nobody can set there may change\n"
	"  -C DIR  the folder where the menu is read\n"
	"Status: 0 yes, 1 no (each wrong line was printed), 2 it could not be checked\n";

/* Print the failure.  Returns the exit status. */
static int check_fail(const char *what, int err)
{
	fprintf(stderr, "check: %s: %s\n", what, strerror(-err));
	return 2;
}

static int check_files(char **args, const char *dir, bool write, bool is_own)
{
	struct asked asked = { .is_own = is_own };
	const char *config = args[1];
	const char *file;
	int err;

	err = menus_read(args[0], dir);
	if (err < 0)
		return check_fail(dir, err);
	err = asked_read_all(&asked, args + 2, &file);
	if (err < 0)
		return check_fail(file, err);
	err = write ? asked_write(&asked, config) : 0;
	if (err < 0)
		return check_fail(config, err);
	if (conf_read(config)) {
		fprintf(stderr, "check: cannot read %s\n", config);
		return 2;
	}

	err = judge_all(&asked, 0);
	if (err < 0)
		return check_fail("cannot tell what is wrong", err);
	return err > 0;
}

int main(int argc, char **argv)
{
	const char *dir = ".";
	bool write = false, is_own = false;
	int c;

	while ((c = getopt(argc, argv, "+wkC:")) != -1) {
		switch (c) {
		case 'w':
			write = true;
			break;
		case 'k':
			is_own = true;
			break;
		case 'C':
			dir = optarg;
			break;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (argc < optind + 3) {
		fputs(usage, stderr);
		return 2;
	}
	return check_files(argv + optind, dir, write, is_own);
}
