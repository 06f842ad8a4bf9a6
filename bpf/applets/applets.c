// SPDX-License-Identifier: GPL-2.0-only
/*
 * applets - prints which of its programs busybox runs, with the first word of each
 *
 * The guest's busybox has no symbols.  busybox.h has the places of its functions in the
 * file, as the build knew them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "applets.skel.h"
#include "bpf/program.h"
#include "busybox.h"

#ifdef busybox_run_applet_no_and_exit

static int applets_attach(struct bpf_program *program)
{
	struct bpf_link *link;

	link = bpf_program__attach_uprobe(program, false, -1, "/bin/busybox",
					  busybox_run_applet_no_and_exit);
	if (link)
		return 0;
	fprintf(stderr, "applets: /bin/busybox: %s\n", strerror(errno));
	return -errno;
}

int main(void)
{
	struct applets *all = applets__open();

	program_hold();
	if (program_start("applets", all ? all->skeleton : NULL) < 0 ||
	    applets_attach(all->progs.applets) < 0)
		return 1;
	program_ready();
	return program_wait(0) < 0;
}

#else

int main(void)
{
	fputs("applets: " BUSYBOX_LACKS "\n", stderr);
	return 1;
}

#endif
