// SPDX-License-Identifier: GPL-2.0-only
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/macros.h"
#include "vm/run/origin.h"

/* A boot of a host has an id of its own. */
static const char *const texts[] = {
	"/proc/sys/kernel/random/boot_id",
	"/proc/self/cgroup",
	"/proc/self/limits",
	"/proc/self/oom_score_adj",
	"/proc/self/attr/current",
};

static const char *const spaces[] = {
	"/proc/self/ns/cgroup",
	"/proc/self/ns/ipc",
	"/proc/self/ns/mnt",
	"/proc/self/ns/net",
	"/proc/self/ns/pid",
	"/proc/self/ns/user",
	"/proc/self/ns/uts",
};

/* The lines of /proc/self/status that a child inherits */
static const char *const lines[] = {
	"Umask:", "Uid:", "Gid:", "Groups:", "CapInh:", "CapPrm:", "CapEff:",
	"CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:", "Cpus_allowed:",
	"Mems_allowed:",
};

/* A file that is not there has nothing to say. */
static void origin_add_text(struct argv *words, const char *path)
{
	char *text;

	if (file_read(&text, path) < 0) {
		argv_add(words, "");
		return;
	}
	argv_add(words, text);
	free(text);
}

static void origin_add_space(struct argv *words, const char *path)
{
	char name[64] = "";

	if (readlink(path, name, sizeof(name) - 1) < 0)
		*name = '\0';
	argv_add(words, name);
}

static bool origin_is_inherited(const char *line)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		if (!strncmp(line, lines[i], strlen(lines[i])))
			return true;
	return false;
}

static void origin_add_status(struct argv *words)
{
	char *text, *line;
	size_t len;

	if (file_read(&text, "/proc/self/status") < 0)
		return;
	for (line = text; *line; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		if (origin_is_inherited(line))
			argv_addf(words, "%.*s", (int)len, line);
	}
	free(text);
}

void origin_add(struct argv *words)
{
	struct stat root = {}, self = {};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		origin_add_text(words, texts[i]);
	for (i = 0; i < ARRAY_SIZE(spaces); i++)
		origin_add_space(words, spaces[i]);
	origin_add_status(words);
	if (stat("/", &root) < 0 || stat("/proc/self/exe", &self) < 0)
		argv_add(words, "");
	/* Another program of ours may hand over in another way. */
	argv_addf(words, "%d %d %ju %ju %ju %ju %jd.%09ld",
		  sched_getscheduler(0), getpriority(PRIO_PROCESS, 0),
		  (uintmax_t)root.st_dev, (uintmax_t)root.st_ino,
		  (uintmax_t)self.st_dev, (uintmax_t)self.st_ino,
		  (intmax_t)self.st_mtim.tv_sec, self.st_mtim.tv_nsec);
}
