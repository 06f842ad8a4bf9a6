// SPDX-License-Identifier: GPL-2.0-only
/*
 * applets - which of its programs busybox runs: a uprobe
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

struct event {
	int pid;
	char name[16];
	char word[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
	__type(value, struct event);
} events SEC(".maps");

/* void run_applet_no_and_exit(int applet_no, const char *name, char **argv) */
SEC("uprobe")
int BPF_KPROBE(applets, int number, const char *name, const char *const *argv)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	const char *word = NULL;

	if (!event)
		return 0;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_probe_read_user_str(event->name, sizeof(event->name), name);
	bpf_probe_read_user(&word, sizeof(word), &argv[1]);
	event->word[0] = '\0';
	if (word)
		bpf_probe_read_user_str(event->word, sizeof(event->word), word);
	bpf_ringbuf_submit(event, 0);
	return 0;
}
