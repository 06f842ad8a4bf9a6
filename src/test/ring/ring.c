// SPDX-License-Identifier: GPL-2.0-only
/*
 * ring - a hostile driver of virtio-kiln, with no kernel between it and the device
 *
 *	ring QEMU           each kind of lie, as a test
 *	ring QEMU TIME SEED that many seconds of lies at random; SEED repeats a run
 *
 * The specification: what cannot be a ring or a chain breaks the device, which says
 * so and does nothing more; a reset brings it back.  Nothing ever ends QEMU.
 */
#include <errno.h>
#include <linux/virtio_mmio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../../kmod/virtio_kiln/virtio_kiln.h"
#include "lib/macros.h"
#include "lib/str.h"
#include "test/lib/tap.h"
#include "test/ring/device.h"

#define REQUESTS VIRTIO_KILN_REQUESTS
#define HEAD sizeof(struct virtio_kiln_request)
#define NEXT VRING_DESC_F_NEXT
#define WRITE VRING_DESC_F_WRITE
#define INDIRECT VRING_DESC_F_INDIRECT

/* Chains that are none.  Each begins with descriptor 0. */
struct chain {
	const char *name;
	struct vring_desc desc[3];
	bool is_indirect; /* they are in a table of their own */
};

#define READ(at, size) { .addr = at, .len = size }
#define READ_ON(at, size, to) \
	{ .addr = at, .len = size, .flags = NEXT, .next = to }
#define WRITTEN(at, size) { .addr = at, .len = size, .flags = WRITE }
#define WRITTEN_ON(at, size, to) \
	{ .addr = at, .len = size, .flags = WRITE | NEXT, .next = to }
#define TABLE(at, size) { .addr = at, .len = size, .flags = INDIRECT }
#define TABLE_ON(at, size, to) \
	{ .addr = at, .len = size, .flags = INDIRECT | NEXT, .next = to }

static const struct chain chains[] = {
	{ .name = "an empty descriptor",
	  .desc = { READ_ON(DEVICE_REQUEST, 0, 1), WRITTEN(DEVICE_REPLY, HEAD) } },
	{ .name = "a chain that leads to itself",
	  .desc = { READ_ON(DEVICE_REQUEST, HEAD, 0) } },
	{ .name = "a chain in a circle",
	  .desc = { READ_ON(DEVICE_REQUEST, HEAD, 1), WRITTEN_ON(DEVICE_REPLY, HEAD, 1) } },
	{ .name = "a chain that goes on behind the table",
	  .desc = { READ_ON(DEVICE_REQUEST, HEAD, 4711) } },
	{ .name = "what is written before what is read",
	  .desc = { WRITTEN_ON(DEVICE_REPLY, HEAD, 1), READ(DEVICE_REQUEST, HEAD) } },
	{ .name = "no room for a reply",
	  .desc = { READ(DEVICE_REQUEST, HEAD) } },
	{ .name = "room for half of a reply",
	  .desc = { READ_ON(DEVICE_REQUEST, HEAD, 1), WRITTEN(DEVICE_REPLY, HEAD / 2) } },
	{ .name = "nothing to read",
	  .desc = { WRITTEN(DEVICE_REPLY, 64) } },
	{ .name = "half of a request",
	  .desc = { READ_ON(DEVICE_REQUEST, HEAD / 2, 1), WRITTEN(DEVICE_REPLY, HEAD) } },
	{ .name = "a table of half a descriptor",
	  .desc = { TABLE(DEVICE_TABLE, 8) } },
	{ .name = "a table outside of memory",
	  .desc = { TABLE(DEVICE_NOWHERE, 32) } },
	{ .name = "a table in a table",
	  .desc = { TABLE(DEVICE_TABLE, 32) }, .is_indirect = true },
	{ .name = "a table and a chain at once",
	  .desc = { TABLE_ON(DEVICE_TABLE, 32, 1), WRITTEN(DEVICE_REPLY, HEAD) } },
};

/*
 * Where there is no memory a device reads zeros, as from any bus, and what it writes
 * is lost: the device may answer, or break.
 */
static const struct chain strays[] = {
	{ .name = "a request outside of memory",
	  .desc = { READ_ON(DEVICE_NOWHERE, HEAD, 1), WRITTEN(DEVICE_REPLY, HEAD) } },
	{ .name = "a reply outside of memory",
	  .desc = { READ_ON(DEVICE_REQUEST, HEAD, 1), WRITTEN(DEVICE_NOWHERE, HEAD) } },
	{ .name = "both",
	  .desc = { READ_ON(DEVICE_NOWHERE, HEAD, 1), WRITTEN(DEVICE_NOWHERE, HEAD) } },
	{ .name = "a request that ends behind the last address",
	  .desc = { READ_ON(-16ULL, 64, 1), WRITTEN(DEVICE_REPLY, HEAD) } },
	{ .name = "a reply over the end of memory",
	  .desc = { READ_ON(DEVICE_REQUEST, HEAD, 1),
		    WRITTEN(DEVICE_MEMORY * 1048576ULL - 4, 4096) } },
};

/* Fills a table with as many descriptors of one byte, which end in a reply. */
static void ring_put_table(struct device *device, int count)
{
	struct vring_desc byte = READ_ON(DEVICE_REQUEST, 1, 0);
	struct vring_desc reply = WRITTEN(DEVICE_REPLY, HEAD + count);
	struct vring_desc table = TABLE(DEVICE_TABLE, count * sizeof(table));
	int i;

	for (i = 0; i < count - 1; i++) {
		byte.addr = DEVICE_REQUEST + i;
		byte.next = i + 1;
		device_put(device, DEVICE_TABLE, i, &byte);
	}
	device_put(device, DEVICE_TABLE, count - 1, &reply);
	device_put(device, device_desc(REQUESTS), 0, &table);
}

/* The device is broken, says so, and works again after a reset. */
static void ring_expect_broken(struct device *device, const char *name)
{
	bool holds = device_is_broken(device) &&
		     !device_used_count(device, REQUESTS);
	char *promise = str_printf("%s breaks it until it is reset", name);

	device_start(device);
	ok(device_echoes(device) && holds, promise);
	free(promise);
}

static void ring_expect_no_harm(struct device *device, const char *name)
{
	char *promise = str_printf("%s does no harm", name);

	device_start(device);
	ok(device_echoes(device), promise);
	free(promise);
}

static void ring_offer_chain(struct device *device, const struct chain *chain)
{
	size_t i;

	device_start(device);
	for (i = 0; i < ARRAY_SIZE(chain->desc); i++)
		device_put(device, device_desc(REQUESTS), i, &chain->desc[i]);
	if (chain->is_indirect)
		device_put(device, DEVICE_TABLE, 0, &chain->desc[0]);
	device_offer(device, REQUESTS, 0);
}

static void ring_try_chains(struct device *device)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(chains); i++) {
		ring_offer_chain(device, &chains[i]);
		ring_expect_broken(device, chains[i].name);
	}
	for (i = 0; i < ARRAY_SIZE(strays); i++) {
		ring_offer_chain(device, &strays[i]);
		ring_expect_no_harm(device, strays[i].name);
	}
}

static void ring_try_rings(struct device *device)
{
	device_start(device);
	device_offer(device, REQUESTS, DEVICE_RING);
	ring_expect_broken(device, "a chain of a number that no descriptor has");

	device_start(device);
	device->avail[REQUESTS] = 100;
	device_offer(device, REQUESTS, 0);
	ring_expect_broken(device, "more chains than the ring has room for");

	device_start(device);
	ring_put_table(device, 1100);
	device_offer(device, REQUESTS, 0);
	ring_expect_broken(device, "a chain of 1,100 descriptors");

	device_start(device);
	ring_put_table(device, 1000);
	device_offer(device, REQUESTS, 0);
	ok(!device_is_broken(device) && device_status(device) >= 0,
	   "one of 1,000 is answered");
}

/* Rings that are nowhere */
static void ring_try_nowhere(struct device *device)
{
	static const struct {
		int reg;
		const char *name;
	} parts[] = {
		{ VIRTIO_MMIO_QUEUE_DESC_LOW, "a table of descriptors outside of memory" },
		{ VIRTIO_MMIO_QUEUE_AVAIL_LOW, "a ring of offers outside of memory" },
		{ VIRTIO_MMIO_QUEUE_USED_LOW, "a ring of what is used outside of memory" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		device_start(device);
		device_write(device, VIRTIO_MMIO_QUEUE_SEL, REQUESTS);
		device_write(device, VIRTIO_MMIO_QUEUE_READY, 0);
		device_write(device, parts[i].reg + 4, DEVICE_NOWHERE >> 32);
		device_write(device, VIRTIO_MMIO_QUEUE_READY, 1);
		device_ask(device, VIRTIO_KILN_ECHO, 0, "x", 1, 1);
		ring_expect_no_harm(device, parts[i].name);
	}
}

static void ring_try_requests(struct device *device)
{
	static const char text[] = "Hello, 7 kilns";
	char got[sizeof(text)];

	device_start(device);
	ok(device_echoes(device), "it echoes");
	device_ask(device, VIRTIO_KILN_UPPER, 0, text, sizeof(text), sizeof(text));
	qtest_read(device->qtest, DEVICE_REPLY + HEAD, got, sizeof(got));
	ok(device_status(device) == VIRTIO_KILN_OK && !memcmp(got, "HELLO, 7 KILNS", sizeof(got)),
	   "it writes in upper case");
	ok(device_used_len(device, REQUESTS) == HEAD + sizeof(text),
	   "... and tells how much it wrote");
	device_ask(device, VIRTIO_KILN_ECHO, 0, text, sizeof(text), 3);
	ok(device_status(device) == VIRTIO_KILN_TOO_LONG &&
	   device_used_len(device, REQUESTS) == HEAD, "data without room are too long");
	device_ask(device, VIRTIO_KILN_ECHO, 0, NULL, 2 << 20, 2 << 20);
	ok(device_status(device) == VIRTIO_KILN_TOO_LONG, "and so are those over the limit");
	device_ask(device, 77, 0, NULL, 0, 0);
	ok(device_status(device) == VIRTIO_KILN_UNKNOWN, "what it does not know it says");
	device_ask(device, VIRTIO_KILN_ECHO, 1, NULL, 0, 0);
	ok(device_status(device) == VIRTIO_KILN_INVALID, "an argument where none can be, too");
	device_ask(device, VIRTIO_KILN_DELAY, VIRTIO_KILN_DELAY_MAX + 1, NULL, 0, 0);
	ok(device_status(device) == VIRTIO_KILN_INVALID, "and a delay that is too long");
	ok(device_echoes(device), "none of it breaks it");
}

static void ring_try_times(struct device *device)
{
	device_start(device);
	device_ask(device, VIRTIO_KILN_DELAY, 1000, "x", 1, 1);
	qtest_step(device->qtest, 999);
	ok(device_status(device) == -1, "a late reply does not come early");
	qtest_step(device->qtest, 1);
	ok(device_status(device) == VIRTIO_KILN_OK, "but then");

	device_ask(device, VIRTIO_KILN_DELAY, 1000, "x", 1, 1);
	device_start(device);
	qtest_step(device->qtest, 2000);
	ok(!device_used_count(device, REQUESTS), "after a reset it does not come");
	ok(device_echoes(device), "... and all is as in the beginning");

	device_reset(device);
	device_notify(device, REQUESTS);
	device_notify(device, VIRTIO_KILN_EVENTS);
	device_notify(device, 99);
	ok(!device_is_broken(device), "a queue that is not set up can be notified");
	device_start(device);
	ok(device_echoes(device), "... and works later");
}

static void ring_try_all(struct device *device)
{
	ring_try_requests(device);
	ring_try_times(device);
	ring_try_chains(device);
	ring_try_rings(device);
	ring_try_nowhere(device);
	ok(qtest_is_alive(device->qtest), "QEMU lives");
}

/* A random descriptor: often nearly valid, because an early refusal hides later checks. */
static struct vring_desc ring_random_desc(void)
{
	static const u64 places[] = {
		DEVICE_REQUEST, DEVICE_REQUEST, DEVICE_REPLY, DEVICE_REPLY,
		DEVICE_TABLE, DEVICE_NOWHERE, DEVICE_MEMORY * 1048576ULL - 4, 0,
	};
	static const u32 lengths[] = {
		0, 1, 4, HEAD, 16, 32, 48, 256, 4096, 65536, 1 << 20, 1 << 24, -1,
	};

	return (struct vring_desc){
		.addr = places[random() % ARRAY_SIZE(places)],
		.len = lengths[random() % ARRAY_SIZE(lengths)],
		.flags = random() % 8 ? random() % 4 : random() % 8,
		.next = random() % 16 ? random() % DEVICE_RING : random(),
	};
}

/* Queues full of requests as they should be, of which the steps make something else */
static void ring_random_start(struct device *device)
{
	struct vring_desc read = READ_ON(DEVICE_REQUEST, HEAD + random() % 5000, 0);
	struct vring_desc written = WRITTEN(DEVICE_REPLY, HEAD + random() % 9000);
	int queue, i;

	device_start(device);
	for (queue = 0; queue < DEVICE_QUEUES; queue++) {
		for (i = 0; i < DEVICE_RING; i += 2) {
			read.next = i + 1;
			device_put(device, device_desc(queue), i, &read);
			device_put(device, device_desc(queue), i + 1, &written);
		}
	}
}

static void ring_random_step(struct device *device)
{
	struct vring_desc desc = ring_random_desc();
	struct virtio_kiln_request head = {
		.what = random() % 6,
		.argument = random() % 4 ? 0 : random() % 1000,
	};
	int queue = random() % DEVICE_QUEUES;

	switch (random() % 16) {
	case 0:
		qtest_write(device->qtest, DEVICE_REQUEST, &head, sizeof(head));
		break;
	case 1 ... 5:
		device_put(device, device_desc(queue), random() % DEVICE_RING, &desc);
		break;
	case 6 ... 7:
		device_put(device, DEVICE_TABLE, random() % 3, &desc);
		break;
	case 8:
		qtest_step(device->qtest, random() % 500);
		break;
	case 9:
		device_write(device, 4 * (random() % 64), random());
		break;
	case 10:
		device->avail[queue] += random() % 20;
		break;
	case 11:
		device_reset(device);
		break;
	default:
		device_offer(device, queue, random() % 16 ? random() % DEVICE_RING : random());
		break;
	}
}

/* Steps of lies, and then the truth: it must still be able to work. */
static bool ring_random_round(struct device *device)
{
	int i;

	ring_random_start(device);
	for (i = 0; i < 200; i++) {
		ring_random_step(device);
		if (i % 8 == 7 && device_is_broken(device))
			ring_random_start(device);
	}
	device_start(device);
	return device_echoes(device);
}

static void ring_fuzz(struct device *device, long seconds, unsigned int seed)
{
	time_t end = time(NULL) + seconds;
	bool holds = true;
	long rounds = 0;

	srandom(seed);
	while (holds && time(NULL) < end) {
		holds = ring_random_round(device);
		rounds++;
	}
	printf("# %ld rounds, SEED=%u\n", rounds, seed);
	ok(holds && qtest_is_alive(device->qtest), "it survives lies at random");
}

static void ring_words(struct argv *words, const char *qemu)
{
	argv_add(words, qemu);
	argv_split(words, "-nodefaults -no-user-config -display none -M microvm,acpi=off");
	argv_split(words, "-global virtio-mmio.force-legacy=false -device virtio-kiln-device");
	argv_split(words, "-accel qtest -qtest stdio -qtest-log none");
	argv_add(words, "-m");
	argv_addf(words, "%d", DEVICE_MEMORY);
}

int main(int argc, char *argv[])
{
	struct argv words = {};
	struct device device;
	struct qtest qtest;
	int err;

	if (argc != 2 && argc != 4) {
		fputs("usage: ring QEMU [TIME SEED]\n", stderr);
		return EXIT_FAILURE;
	}
	ring_words(&words, argv[1]);
	err = qtest_start(&qtest, &words);
	if (!err)
		err = device_find(&device, &qtest);
	if (err < 0)
		printf("Bail out! %s: %s\n", argv[1], strerror(-err));
	else if (argc == 4)
		ring_fuzz(&device, atol(argv[2]), strtoul(argv[3], NULL, 0));
	else
		ring_try_all(&device);
	qtest_end(&qtest);
	argv_fini(&words);
	return err < 0 ? EXIT_FAILURE : tap_done();
}
