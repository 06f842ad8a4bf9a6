// SPDX-License-Identifier: GPL-2.0-only
/*
 * modcalls - prints calls of functions of those modules that are loaded
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpf/program.h"
#include "lib/macros.h"
#include "modcalls.skel.h"

static const struct {
	const char *function;
	const char *folder; /* where a module is that is loaded */
} known[] = {
	{ "greeting_show", "/sys/module/hello" },
	{ "kiln_read_iter", "/sys/module/virtio_kiln" },
	{ "kiln_write_iter", "/sys/module/virtio_kiln" },
};

/* A program's name ends in that of its function. */
static bool modcalls_is_at(const struct bpf_program *program, const char *function)
{
	const char *name = bpf_program__name(program);

	return !strcmp(strchr(name, '_') + 1, function);
}

/* Returns how many functions there are; the programs for others are left out. */
static int modcalls_choose(struct bpf_object *object)
{
	struct bpf_program *program;
	int count = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (!access(known[i].folder, F_OK)) {
			count++;
			continue;
		}
		bpf_object__for_each_program(program, object)
			if (modcalls_is_at(program, known[i].function))
				bpf_program__set_autoload(program, false);
	}
	return count;
}

int main(void)
{
	struct modcalls *all = modcalls__open();

	if (all && !modcalls_choose(all->obj)) {
		fputs("modcalls: neither hello nor virtio_kiln is loaded: modprobe hello\n",
		      stderr);
		return 1;
	}
	if (program_start("modcalls", all ? all->skeleton : NULL) < 0)
		return 1;
	return program_wait(0) < 0;
}
