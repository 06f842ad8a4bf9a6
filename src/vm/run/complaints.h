/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * complaints - the kernel's reports in the console and the log of one run
 *
 * struct complaints belongs to the caller, who closes it whether or not it was
 * opened; the console may be closed before.
 */
#ifndef VM_COMPLAINTS_H
#define VM_COMPLAINTS_H

#include "vm/lab.h"
#include "vm/qemu/console.h"
#include "vm/watch/decode.h"
#include "vm/watch/splat.h"

struct complaints {
	struct splat_list *list;
	struct splat_watch *watch; /* NULL: the lists cannot be read */
	struct console_ear ear;
	u64 began; /* the machine may run since then, by the host's clock */
	struct decoded decoded; /* the reports with their places in the source */
};

/* Read the lab's lists.  Returns 0 or -errno, with a sentence in *why. */
int complaints_open(struct complaints *complaints, const struct lab *lab,
		    char **why);
void complaints_close(struct complaints *complaints);

/*
 * Read what the console says from now on.  The machine is started later; it had
 * run for up_ms at most when it was saved, or boots if that is 0.
 */
void complaints_listen(struct complaints *complaints, struct console *console,
		       u64 up_ms);

/* Read a record of the kernel's log. */
void complaints_record(struct complaints *complaints, const char *record,
		       size_t size);

/* Take what was read as all there is.  To be called before the next three. */
void complaints_flush(struct complaints *complaints);

size_t complaints_count(const struct complaints *complaints);

/* The title of the first report, of this kind unless that is NULL; or NULL. */
const char *complaints_title(const struct complaints *complaints,
			     const char *kind);

/*
 * Add the places in the source; a signal ends it.  Says what is wrong.  To be
 * called when QEMU has ended, as it takes its time.
 */
void complaints_decode(struct complaints *complaints,
		       const struct decode_spec *spec);

#endif
