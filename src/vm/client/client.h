/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * client - commands to a running machine, over its control socket
 *
 * Each prints what goes wrong and returns the exit status: END_NOT_STARTED if no
 * machine runs in the output directory.
 */
#ifndef VM_CLIENT_H
#define VM_CLIENT_H

#include <stdbool.h>

#include "vm/client/call.h"

/* Run a command, or a shell if there are no words. */
int client_exec(const struct client_options *options, char **words);

/* Copy a file, a folder, or standard input for "-", into the guest; NULL: to /root. */
int client_put(const struct client_options *options, const char *file,
	       const char *to);

/* Copy a file or folder out of the guest; a file to standard output for "-"; NULL: to here. */
int client_get(const struct client_options *options, const char *file,
	       const char *to);

/* Write the machine's memory to a file; NULL: to vm/last/vmcore. */
int client_dump(const struct client_options *options, const char *to);

/*
 * Pass the command to QEMU's monitor and print its answer.  Returns 1 if the monitor
 * rejects the command.
 */
int client_monitor(const struct client_options *options, const char *command);

/*
 * Write the machine's screen to a file, as ppm if the name contains .ppm, else as
 * png; NULL: to screenshot.png here.
 */
int client_screenshot(const struct client_options *options, const char *to);

/* End the machine.  Returns 0 also if none runs. */
int client_stop(const struct client_options *options);

/* Print the machine's state, or that none runs and how the last one ended. */
int client_status(const struct client_options *options);

/* Does it run?  Prints nothing. */
bool client_is_up(const struct client_options *options);

/* Connect to the console, until Ctrl-A X or the machine's end. */
int client_console(const struct client_options *options);

#endif
