// SPDX-License-Identifier: GPL-2.0-only
/*
 * execs - tells of each program that is started: a tracepoint and a ring buffer
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct event {
	int pid;
	int parent;
	char file[128];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
	__type(value, struct event);
} events SEC(".maps");

SEC("tracepoint/sched/sched_process_exec")
int execs(struct trace_event_raw_sched_process_exec *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	/* Where the file's name is: from the beginning of the record. */
	unsigned int at = ctx->__data_loc_filename & 0xffff;
	struct event *event;

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return 0;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->parent = BPF_CORE_READ(task, real_parent, tgid);
	bpf_probe_read_kernel_str(event->file, sizeof(event->file), (void *)ctx + at);
	bpf_ringbuf_submit(event, 0);
	return 0;
}
