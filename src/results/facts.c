// SPDX-License-Identifier: GPL-2.0-only
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "lib/file.h"
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

/* What vm/processor says of the key; NULL if nothing.  The caller frees it. */
static char *facts_of_processor(const char *text, const char *key)
{
	char *line = str_printf("processor_%s := ", key);
	const char *at = strstr(text, line);
	size_t skip = strlen(line);

	free(line);
	return at ? str_printf("%.*s", (int)strcspn(at + skip, "\n"), at + skip) :
		    NULL;
}

/* The processor's name, and the file of its kernel. */
static void facts_add_processor(json_t *line, const char *lab)
{
	char *text, *arch, *kernel, *bytes;
	size_t size;

	if (!facts_read(&text, &size, lab, "vm/processor"))
		return;
	arch = facts_of_processor(text, "name");
	kernel = facts_of_processor(text, "kernel");
	if (arch)
		json_object_set_new(line, "arch", bytes_json_text(arch));
	if (kernel && facts_read(&bytes, &size, lab, kernel)) {
		facts_set_sum(line, "build", bytes, size);
		free(bytes);
	}
	free(arch);
	free(kernel);
	free(text);
}

void facts_of_lab(json_t *line, const char *lab)
{
	size_t size;
	char *text;

	if (facts_read(&text, &size, lab,
		       "linux/build/include/config/kernel.release")) {
		json_object_set_new(line, "kernel",
				    bytes_json(text, strcspn(text, "\n")));
		free(text);
	}
	if (facts_read(&text, &size, lab, "linux/build/.config")) {
		facts_set_sum(line, "config", text, size);
		free(text);
	}
	facts_add_processor(line, lab);
}
