// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/str.h"
#include "lib/text.h"
#include "vm/client/programs.h"

/* Run bpf-again, if it is there, and print its lines.  Returns 0 or -errno. */
static int programs_run(struct dialog *dialog, const char *words, bool *said)
{
	char *script = str_printf("[ ! -x /usr/bin/bpf-again ] || exec /usr/bin/bpf-again %s",
				  words);
	int out = dialog_file();
	char *text, *line;
	int err = out < 0 ? out : dialog_run(dialog, script, out);

	*said = false;
	if (out >= 0 && !dialog_text(&text, out)) {
		for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
			*said = true;
			text_print(stderr, line, strlen(line));
			putc('\n', stderr);
		}
		free(text);
	}
	if (out >= 0)
		close(out);
	free(script);
	return err;
}

bool programs_stop(struct dialog *dialog, const char *module)
{
	char *words = str_printf("stop %s", module);
	bool said;

	programs_run(dialog, words, &said);
	free(words);
	return said;
}

bool programs_start(struct dialog *dialog)
{
	bool said;

	return !programs_run(dialog, "start", &said);
}
