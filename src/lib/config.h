/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * config - reads what the user chose in the menu, from Kconfig's auto.conf
 *
 * A line is CONFIG_NAME=VALUE; an option that is off has no line.  Kconfig has
 * written strings in two forms.  Since Linux 5.17 the value is the rest of the
 * line, unquoted.  Before, it was "quoted", with \" and \\ for the two special
 * characters.  If every string of a file looks quoted, the file is read in the
 * old form; otherwise quotes are part of the values.
 *
 * Names are given without CONFIG_.
 */
#ifndef LIB_CONFIG_H
#define LIB_CONFIG_H

#include <stdbool.h>

struct config;

/* Read the file at path; returns 0 or -errno. */
int config_open(struct config **ret, const char *path);

/* The same for a text in memory. */
struct config *config_parse(const char *text);

/* Free it, and the texts it returned.  NULL is allowed. */
void config_close(struct config *config);

/* Is the option y or m? */
bool config_is_on(const struct config *config, const char *name);

/* The value as text; "" when the option is off.  Valid until config_close. */
const char *config_text(const struct config *config, const char *name);

/*
 * The value as a number, decimal or with 0x.  Returns 0, -ENOENT when the
 * option is off, -EINVAL when the value is something else, or -ERANGE.
 */
int config_number(const struct config *config, const char *name, long *ret);

#endif
