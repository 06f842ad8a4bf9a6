// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "guest/text.h"
#include "guest/user.h"
#include "lib/macros.h"

#define ROOTS_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define GROUPS_MAX 64

enum { UID, GROUPS, NAME, SHELL, HOME, FIELDS };

bool user_has_host(void)
{
	return getenv("KILN_HOST");
}

/* The fields of KILN_USER, each to its end; false: there is none. */
static bool user_find(const char *field[FIELDS])
{
	const char *at = getenv("KILN_USER");
	int i;

	for (i = 0; i < FIELDS && at; i++) {
		field[i] = at;
		at = strchr(at, ':');
		if (at)
			at++;
	}
	return i == FIELDS;
}

/* Append NAME=FIELD to `text', behind what stands there. */
static const char *user_word(struct text *text, const char *name,
			     const char *field, bool is_last)
{
	const char *word = text->bytes + text->size;

	text_add(text, name);
	text_add_bytes(text, field, is_last ? strlen(field) : strcspn(field, ":"));
	/* The next word begins behind the NUL. */
	text_add_bytes(text, "", 1);
	return word;
}

const char *const *user_env(bool is_persons)
{
	static const char *const roots[] = {
		"HOME=/root", "PATH=" ROOTS_PATH, "TERM=linux", NULL
	};
	static const char *env[7] = { [4] = "PATH=" ROOTS_PATH, [5] = "TERM=linux" };
	static char bytes[4 * PATH_MAX];
	struct text text = TEXT_IN(bytes);
	const char *field[FIELDS];

	if (!is_persons || !user_find(field))
		return roots;
	env[0] = user_word(&text, "USER=", field[NAME], false);
	env[1] = user_word(&text, "LOGNAME=", field[NAME], false);
	env[2] = user_word(&text, "SHELL=", field[SHELL], false);
	env[3] = user_word(&text, "HOME=", field[HOME], true);
	return env;
}

const char *user_shell(void)
{
	static char bytes[PATH_MAX];
	struct text text = TEXT_IN(bytes);
	const char *field[FIELDS];

	if (!user_find(field) || *field[SHELL] != '/')
		return "/bin/sh";
	text_add_bytes(&text, field[SHELL], strcspn(field[SHELL], ":"));
	return bytes;
}

int user_become(void)
{
	const char *field[FIELDS];
	gid_t groups[GROUPS_MAX];
	const char *at;
	char *end;
	size_t n = 0;

	if (!user_find(field))
		return 0;
	for (at = field[GROUPS]; n < GROUPS_MAX; at = end + 1) {
		groups[n++] = strtoul(at, &end, 10);
		if (*end != ',')
			break;
	}
	if (setgroups(n, groups) < 0 || setgid(groups[0]) < 0 ||
	    setuid(strtoul(field[UID], NULL, 10)) < 0)
		return -errno;
	return 0;
}
