// SPDX-License-Identifier: GPL-2.0-only
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "lib/file.h"
#include "lib/macros.h"
#include "lib/str.h"
#include "results/bytes.h"
#include "results/facts.h"

/* Returns false if it cannot be read; the caller frees *text. */
static bool facts_read(char **text, size_t *size, const char *lab,
		       const char *name)
{
	char *path = str_printf("%s/%s", lab, name);
	int err = file_read_bytes(text, size, path);

	free(path);
	return !err;
}

static void facts_set_sum(json_t *line, const char *field, const char *bytes,
			  size_t size)
{
	XXH128_hash_t hash = XXH3_128bits(bytes, size);
	char text[33];

	snprintf(text, sizeof(text), "%016llx%016llx",
		 (unsigned long long)hash.high64,
		 (unsigned long long)hash.low64);
	json_object_set_new(line, field, json_string(text));
}

/* The processor's name, by the option that each has. */
static const char *facts_arch(const char *config)
{
	static const char *const names[][2] = {
		{ "\nCONFIG_X86_64=y\n", "x86_64" },
		{ "\nCONFIG_ARM64=y\n", "arm64" },
		{ "\nCONFIG_RISCV=y\n", "riscv" },
		{ "\nCONFIG_ARM=y\n", "arm" },
		{ "\nCONFIG_S390=y\n", "s390" },
		{ "\nCONFIG_PPC64=y\n", "powerpc" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strstr(config, names[i][0]))
			return names[i][1];
	return NULL;
}

void facts_of_lab(json_t *line, const char *lab)
{
	const char *arch;
	size_t size;
	char *text;

	if (facts_read(&text, &size, lab,
		       "linux/build/include/config/kernel.release")) {
		json_object_set_new(line, "kernel",
				    bytes_json(text, strcspn(text, "\n")));
		free(text);
	}
	if (facts_read(&text, &size, lab, "linux/build/.config")) {
		arch = facts_arch(text);
		if (arch)
			json_object_set_new(line, "arch", json_string(arch));
		facts_set_sum(line, "config", text, size);
		free(text);
	}
	if (facts_read(&text, &size, lab, "linux/vmlinux.stripped") ||
	    facts_read(&text, &size, lab, "linux/build/arch/x86/boot/bzImage")) {
		facts_set_sum(line, "build", text, size);
		free(text);
	}
}
