// SPDX-License-Identifier: GPL-2.0-only
/*
 * vqlat [SECONDS] - prints, when the time is over or at Ctrl-C, how long the devices kept
 * the buffers of each virtqueue
 */
#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>

#include "bpf/program.h"
#include "vqlat.h"
#include "vqlat.skel.h"

#define BAR 40

static unsigned long long vqlat_most(const struct histogram *histogram)
{
	unsigned long long most = 0;
	int i;

	for (i = 0; i < VQLAT_SLOTS; i++)
		if (histogram->count[i] > most)
			most = histogram->count[i];
	return most;
}

static void vqlat_print(const struct histogram *histogram)
{
	unsigned long long most = vqlat_most(histogram);
	int i, first, last;

	for (first = 0; first < VQLAT_SLOTS - 1 && !histogram->count[first];)
		first++;
	for (last = VQLAT_SLOTS - 1; last > first && !histogram->count[last];)
		last--;
	printf("%s %s\n%24s  buffers\n", histogram->device, histogram->name, "microseconds");
	for (i = first; i <= last; i++)
		printf("%11llu - %10llu  %7llu %.*s\n", i ? 1ULL << i : 0, (2ULL << i) - 1,
		       histogram->count[i], (int)(histogram->count[i] * BAR / most),
		       "########################################");
}

int main(int argc, char **argv)
{
	int seconds = argc > 1 ? atoi(argv[1]) : 0;
	struct histogram histogram;
	void *key, *last = NULL;
	struct vqlat *all;
	int fd;

	if (argc > 2 || (argc > 1 && seconds < 1)) {
		fprintf(stderr, "usage: vqlat [SECONDS]\n");
		return 1;
	}
	all = vqlat__open();
	if (program_start("vqlat", all ? all->skeleton : NULL) < 0 || program_wait(seconds) < 0)
		return 1;
	fd = bpf_map__fd(all->maps.queues);
	for (; !bpf_map_get_next_key(fd, last ? &last : NULL, &key); last = key)
		if (!bpf_map_lookup_elem(fd, &key, &histogram))
			vqlat_print(&histogram);
	return 0;
}
