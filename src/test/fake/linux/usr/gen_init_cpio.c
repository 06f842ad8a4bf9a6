// SPDX-License-Identifier: GPL-2.0-only
/*
 * gen_init_cpio - the kernel's makes an archive; this one prints the list that
 * it is given, and with each file what is in it
 *
 *	gen_init_cpio [OPTIONS] LIST
 */
#include <stdio.h>
#include <string.h>

static int print_file(const char *path)
{
	FILE *file = fopen(path, "r");
	int c;

	if (!file) {
		perror(path);
		return 1;
	}
	while ((c = getc(file)) != EOF)
		putchar(c);
	fclose(file);

	return 0;
}

int main(int argc, char **argv)
{
	FILE *list = argc > 1 ? fopen(argv[argc - 1], "r") : NULL;
	char line[8192], path[8192];
	int err = 0;

	if (!list) {
		fputs("usage: gen_init_cpio [OPTIONS] LIST\n", stderr);
		return 2;
	}
	while (!err && fgets(line, sizeof(line), list)) {
		fputs(line, stdout);
		if (sscanf(line, "file %*s %8191s", path) == 1)
			err = print_file(path);
	}

	if (fflush(stdout)) {
		perror("gen_init_cpio");
		err = 1;
	}

	return err;
}
