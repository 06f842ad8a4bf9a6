// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any text as auto.conf: nothing is written or read where it should not be, and
 * what is read of an option does not lie outside its line.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/config.h"
#include "lib/macros.h"
#include "vm/args/args.h"

/* The name by which libFuzzer calls it. */
int fuzz(const unsigned char *data, size_t size)
	__asm__("LLVMFuzzerTestOneInput");

static void read_all(const struct config *config, size_t size)
{
	static const char *const names[] = {
		"", "A", "VM_CPUS", "VM_QEMU", "VM_QEMU_ARGS", "VM_APPEND",
	};
	size_t i;
	long n;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		config_is_on(config, names[i]);
		config_number(config, names[i], &n);
		if (strlen(config_text(config, names[i])) > size ||
		    strchr(config_text(config, names[i]), '\n'))
			abort();
	}
}

static void make_command(const struct config *config)
{
	const struct args_run run = {};
	static struct processor processor;
	const struct catalog none = {};
	struct args args = {};
	struct plan plan;
	char *why = NULL;

	if (!processor.count)
		processor_open(&processor, "recipes/processor/x86_64/values.mk",
			       &why);
	if (!plan_init(&plan, config, "/lab", &processor, &none, NULL, &why))
		args_machine(&args, &plan, &run, &why);
	argv_fini(&args.argv);
	plan_fini(&plan);
	free(why);
}

int fuzz(const unsigned char *data, size_t size)
{
	char *text = malloc(size + 1);
	struct config *config;

	memcpy(text, data, size);
	text[size] = '\0';
	config = config_parse(text);
	read_all(config, size);
	make_command(config);
	config_close(config);
	free(text);
	return 0;
}
