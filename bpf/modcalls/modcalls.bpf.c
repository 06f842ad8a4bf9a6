// SPDX-License-Identifier: GPL-2.0-only
/*
 * modcalls - who calls functions of modules, and how long they take: fentry and fexit
 *
 * What is attached holds the module: make reload M=hello ends this, and starts it again.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

struct event {
	char function[32];
	int pid;
	char comm[16];
	__u64 ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
	__type(value, struct event);
} events SEC(".maps");

/* When the task entered the function. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} entered SEC(".maps");

static int modcalls_enter(void)
{
	__u64 *at = bpf_task_storage_get(&entered, bpf_get_current_task_btf(), NULL,
					 BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (at)
		*at = bpf_ktime_get_ns();
	return 0;
}

static __always_inline int modcalls_leave(const char *function, unsigned int size)
{
	__u64 *at = bpf_task_storage_get(&entered, bpf_get_current_task_btf(), NULL, 0);
	struct event *event = at ? bpf_ringbuf_reserve(&events, sizeof(*event), 0) : NULL;

	if (!event)
		return 0;
	event->ns = bpf_ktime_get_ns() - *at;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	__builtin_memset(event->function, 0, sizeof(event->function));
	__builtin_memcpy(event->function, function, size);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

#define CALLS_OF(function) \
	SEC("fentry/" #function) \
	int enter_##function(void *ctx) \
	{ \
		return modcalls_enter(); \
	} \
	SEC("fexit/" #function) \
	int leave_##function(void *ctx) \
	{ \
		return modcalls_leave(#function, sizeof(#function)); \
	}

CALLS_OF(greeting_show)
CALLS_OF(kiln_read_iter)
CALLS_OF(kiln_write_iter)
