// SPDX-License-Identifier: GPL-2.0-only
/*
 * vqlat - how long the device keeps the buffers of each virtqueue: fentry, fexit, maps
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "vqlat.h"

char LICENSE[] SEC("license") = "GPL";

/* The driver's word for a buffer, which it gets back with it. */
struct token {
	struct virtqueue *vq;
	void *data;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct token);
	__type(value, __u64);
} added SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, struct virtqueue *);
	__type(value, struct histogram);
} queues SEC(".maps");

static const struct histogram empty;

static int vqlat_add(struct virtqueue *vq, void *data)
{
	struct token token = { vq, data };
	__u64 now = bpf_ktime_get_ns();

	bpf_map_update_elem(&added, &token, &now, BPF_ANY);
	return 0;
}

SEC("fentry/virtqueue_add_sgs")
int BPF_PROG(vqlat_sgs, struct virtqueue *vq, struct scatterlist **sgs, unsigned int out,
	     unsigned int in, void *data)
{
	return vqlat_add(vq, data);
}

SEC("fentry/virtqueue_add_outbuf")
int BPF_PROG(vqlat_outbuf, struct virtqueue *vq, struct scatterlist *sg, unsigned int count,
	     void *data)
{
	return vqlat_add(vq, data);
}

SEC("fentry/virtqueue_add_inbuf")
int BPF_PROG(vqlat_inbuf, struct virtqueue *vq, struct scatterlist *sg, unsigned int count,
	     void *data)
{
	return vqlat_add(vq, data);
}

static struct histogram *vqlat_histogram(struct virtqueue *vq)
{
	struct virtqueue *key = vq;
	struct histogram *histogram = bpf_map_lookup_elem(&queues, &key);

	if (histogram)
		return histogram;
	bpf_map_update_elem(&queues, &key, &empty, BPF_NOEXIST);
	histogram = bpf_map_lookup_elem(&queues, &key);
	if (histogram) {
		bpf_probe_read_kernel_str(histogram->device, sizeof(histogram->device),
					  vq->vdev->dev.kobj.name);
		bpf_probe_read_kernel_str(histogram->name, sizeof(histogram->name), vq->name);
	}
	return histogram;
}

static unsigned int vqlat_slot(__u64 us)
{
	unsigned int slot = 0;
	int i;

	for (i = 0; i < VQLAT_SLOTS - 1 && us > 1; i++) {
		us >>= 1;
		slot++;
	}
	return slot & (VQLAT_SLOTS - 1);
}

SEC("fexit/virtqueue_get_buf_ctx")
int BPF_PROG(vqlat_get, struct virtqueue *vq, unsigned int *len, void **context, void *data)
{
	struct token token = { vq, data };
	struct histogram *histogram;
	unsigned int slot;
	__u64 *since;

	since = bpf_map_lookup_elem(&added, &token);
	histogram = since ? vqlat_histogram(vq) : NULL;
	if (histogram) {
		slot = vqlat_slot((bpf_ktime_get_ns() - *since) / 1000);
		__sync_fetch_and_add(&histogram->count[slot], 1);
	}
	bpf_map_delete_elem(&added, &token);
	return 0;
}
