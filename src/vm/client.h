/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * client - commands to a machine that runs, by way of its control socket
 *
 * Each returns the exit status; what went wrong has been said.  END_NOT_STARTED
 * if no machine runs in the output directory.
 */
#ifndef VM_CLIENT_H
#define VM_CLIENT_H

struct client_options {
	const char *dir; /* the output directory, as the user names it */
	int timeout; /* in seconds; 0: none */
};

/* Run a command; without words, a shell. */
int client_exec(const struct client_options *options, char **words);

/* Copy a file into the guest; "-": standard input.  A `to` of NULL is /root. */
int client_put(const struct client_options *options, const char *file,
	       const char *to);

/* Copy a file out of it; a `to` of "-" is standard output, NULL is here. */
int client_get(const struct client_options *options, const char *file,
	       const char *to);

/* Write the machine's memory to a file; a `to` of NULL is vm/last/vmcore. */
int client_dump(const struct client_options *options, const char *to);

/*
 * Have QEMU's monitor do this, and print what it says.  Returns 1 if that is that it
 * does not.
 */
int client_monitor(const struct client_options *options, const char *command);

/*
 * Write the machine's screen to a file, in the format ppm if that is in its name,
 * else as png; a `to` of NULL is screenshot.png here.
 */
int client_screenshot(const struct client_options *options, const char *to);

/* End the machine.  Returns 0 also if there is none. */
int client_stop(const struct client_options *options);

/* Tell what runs; 1 if nothing does. */
int client_status(const struct client_options *options);

/* Show the console and type at it, until Ctrl-A X or the machine's end. */
int client_console(const struct client_options *options);

#endif
