// SPDX-License-Identifier: GPL-2.0-only
/*
 * kiln - the device virtio-kiln
 *
 * All of it runs under QEMU's big lock.  A request is copied once into `data` and
 * once out of it; what the driver may write there meanwhile is its own affair, for
 * nothing is read twice.  A chain that is no request breaks the device, as the
 * specification has it: it does nothing more until it is reset.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/iov.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "qapi/error.h"
#include "hw/qdev-properties.h"
#include "hw/virtio/virtio-bus.h"
#include "migration/qemu-file-types.h"
#include "migration/vmstate.h"
#include "qom/object.h"
#include "standard-headers/linux/virtio_ids.h"

#include <zlib.h>

#include "../trace.h"
#include "kiln.h"

#define QUEUE_SIZE 256
#define LIMIT_DEFAULT (1 << 20)
#define LIMIT_MAX (16 << 20)

struct KilnRequest {
	VirtQueueElement elem; /* first: virtqueue_pop() makes the whole */
	int64_t due; /* on QEMU_CLOCK_VIRTUAL, in ms */

	QTAILQ_ENTRY(KilnRequest) next;
};

/* What stands before the data, in either direction */
#define HEAD sizeof(struct virtio_kiln_request)
QEMU_BUILD_BUG_ON(sizeof(struct virtio_kiln_request) !=
		  sizeof(struct virtio_kiln_reply));

static bool kiln_has(VirtIOKiln *kiln, unsigned int bit)
{
	return virtio_vdev_has_feature(VIRTIO_DEVICE(kiln), bit);
}

static bool kiln_is_ready(VirtIOKiln *kiln)
{
	return VIRTIO_DEVICE(kiln)->status & VIRTIO_CONFIG_S_DRIVER_OK;
}

/* Replies */

/* The reply to a request, with len bytes of `data` behind it.  Frees the request. */
static void kiln_push(VirtIOKiln *kiln, KilnRequest *request, uint32_t status,
		      uint32_t value, size_t len)
{
	VirtQueueElement *elem = &request->elem;
	struct virtio_kiln_reply reply = {
		.status = cpu_to_le32(status),
		.value = cpu_to_le32(value),
	};

	iov_from_buf(elem->in_sg, elem->in_num, 0, &reply, sizeof(reply));
	iov_from_buf(elem->in_sg, elem->in_num, HEAD, kiln->data, len);
	virtqueue_push(kiln->requests, elem, HEAD + len);
	kiln->answered++;
	trace_virtio_kiln_reply(kiln, status, value, len);
	g_free(request);
}

static void kiln_notify(VirtIOKiln *kiln)
{
	kiln->batches++;
	virtio_notify(VIRTIO_DEVICE(kiln), kiln->requests);
}

static void kiln_upper(uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = g_ascii_toupper(data[i]);
}

/* Puts the statistics into `data`; returns their length. */
static size_t kiln_stats(VirtIOKiln *kiln)
{
	struct virtio_kiln_stats stats = {
		.requests = cpu_to_le64(kiln->answered),
		.bytes = cpu_to_le64(kiln->bytes),
		.kicks = cpu_to_le64(kiln->kicks),
		.batches = cpu_to_le64(kiln->batches),
	};

	memcpy(kiln->data, &stats, sizeof(stats));
	return sizeof(stats);
}

/* Later requests */

static void kiln_set_timer(VirtIOKiln *kiln)
{
	KilnRequest *first = QTAILQ_FIRST(&kiln->delayed);

	if (first)
		timer_mod(kiln->timer, first->due);
	else
		timer_del(kiln->timer);
}

static void kiln_delay(VirtIOKiln *kiln, KilnRequest *request, int64_t due)
{
	KilnRequest *other;

	request->due = due;
	QTAILQ_FOREACH(other, &kiln->delayed, next)
		if (other->due > due)
			break;
	if (other)
		QTAILQ_INSERT_BEFORE(other, request, next);
	else
		QTAILQ_INSERT_TAIL(&kiln->delayed, request, next);
}

/* Copies the data of a request, which are not more than the limit. */
static size_t kiln_read(VirtIOKiln *kiln, const VirtQueueElement *elem)
{
	size_t len = iov_size(elem->out_sg, elem->out_num) - HEAD;

	return iov_to_buf(elem->out_sg, elem->out_num, HEAD, kiln->data, len);
}

static void kiln_due(void *opaque)
{
	VirtIOKiln *kiln = opaque;
	int64_t now = qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL);
	KilnRequest *request;
	size_t len;

	while ((request = QTAILQ_FIRST(&kiln->delayed)) && request->due <= now) {
		QTAILQ_REMOVE(&kiln->delayed, request, next);
		len = kiln_read(kiln, &request->elem);
		kiln_push(kiln, request, VIRTIO_KILN_OK, 0, len);
	}
	kiln_notify(kiln);
	kiln_set_timer(kiln);
}

/* Those that are not answered go back to the queue, which is about to be emptied. */
static void kiln_drop_delayed(VirtIOKiln *kiln)
{
	KilnRequest *request;

	while ((request = QTAILQ_FIRST(&kiln->delayed))) {
		QTAILQ_REMOVE(&kiln->delayed, request, next);
		virtqueue_detach_element(kiln->requests, &request->elem, 0);
		g_free(request);
	}
	kiln_set_timer(kiln);
}

/* Requests */

/* What is to be done, with all its data at hand */
static void kiln_answer(VirtIOKiln *kiln, KilnRequest *request, uint32_t what,
			size_t len)
{
	switch (what) {
	case VIRTIO_KILN_ECHO:
		kiln_push(kiln, request, VIRTIO_KILN_OK, 0, len);
		break;
	case VIRTIO_KILN_UPPER:
		kiln_upper(kiln->data, len);
		kiln_push(kiln, request, VIRTIO_KILN_OK, 0, len);
		break;
	case VIRTIO_KILN_CHECKSUM:
		kiln_push(kiln, request, VIRTIO_KILN_OK,
			  crc32(0, kiln->data, len), 0);
		break;
	case VIRTIO_KILN_STATS:
		len = kiln_stats(kiln);
		kiln_push(kiln, request, VIRTIO_KILN_OK, 0, len);
		break;
	default:
		kiln_push(kiln, request, VIRTIO_KILN_UNKNOWN, 0, 0);
		break;
	}
}

/* The room which the reply's data will take */
static size_t kiln_room(uint32_t what, size_t len)
{
	switch (what) {
	case VIRTIO_KILN_CHECKSUM:
		return 0;
	case VIRTIO_KILN_STATS:
		return sizeof(struct virtio_kiln_stats);
	default:
		return len;
	}
}

static void kiln_handle(VirtIOKiln *kiln, KilnRequest *request,
			const struct virtio_kiln_request *head, size_t len,
			size_t room)
{
	uint32_t what = le32_to_cpu(head->what);
	uint32_t argument = le32_to_cpu(head->argument);

	trace_virtio_kiln_request(kiln, what, argument, len);
	if (what > VIRTIO_KILN_STATS ||
	    (what == VIRTIO_KILN_DELAY && !kiln_has(kiln, VIRTIO_KILN_F_DELAY))) {
		kiln_push(kiln, request, VIRTIO_KILN_UNKNOWN, 0, 0);
	} else if (len > kiln->limit || room < kiln_room(what, len)) {
		kiln_push(kiln, request, VIRTIO_KILN_TOO_LONG, 0, 0);
	} else if (argument > (what == VIRTIO_KILN_DELAY ? VIRTIO_KILN_DELAY_MAX : 0)) {
		kiln_push(kiln, request, VIRTIO_KILN_INVALID, 0, 0);
	} else {
		kiln->bytes += len;
		if (what == VIRTIO_KILN_DELAY) {
			kiln_delay(kiln, request,
				   qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) + argument);
			return;
		}
		kiln_read(kiln, &request->elem);
		kiln_answer(kiln, request, what, len);
	}
}

static void kiln_handle_requests(VirtIODevice *vdev, VirtQueue *queue)
{
	VirtIOKiln *kiln = VIRTIO_KILN(vdev);
	uint64_t answered = kiln->answered;
	struct virtio_kiln_request head;
	VirtQueueElement *elem;
	KilnRequest *request;
	size_t len, room;

	/* Nothing in a queue counts before the driver says that it is ready. */
	if (!kiln_is_ready(kiln))
		return;
	kiln->kicks++;
	while ((request = virtqueue_pop(queue, sizeof(*request)))) {
		elem = &request->elem;
		len = iov_size(elem->out_sg, elem->out_num);
		room = iov_size(elem->in_sg, elem->in_num);
		if (len < HEAD || room < HEAD) {
			virtqueue_detach_element(queue, elem, 0);
			g_free(request);
			virtio_error(vdev, "virtio-kiln: no request: %zu bytes, room for %zu",
				     len, room);
			break;
		}
		iov_to_buf(elem->out_sg, elem->out_num, 0, &head, sizeof(head));
		kiln_handle(kiln, request, &head, len - HEAD, room - HEAD);
	}
	kiln_set_timer(kiln);
	if (kiln->answered != answered)
		kiln_notify(kiln);
}

/* Events */

static void kiln_send_messages(VirtIOKiln *kiln)
{
	VirtIODevice *vdev = VIRTIO_DEVICE(kiln);
	VirtQueueElement *elem;
	const void *text;
	uint64_t sent = kiln->sent;
	GBytes *message;
	size_t len;

	if (!kiln_is_ready(kiln))
		return;
	while (!g_queue_is_empty(&kiln->messages) &&
	       (elem = virtqueue_pop(kiln->events, sizeof(*elem)))) {
		if (iov_size(elem->in_sg, elem->in_num) < VIRTIO_KILN_EVENT_MAX) {
			virtqueue_detach_element(kiln->events, elem, 0);
			g_free(elem);
			virtio_error(vdev, "virtio-kiln: an event buffer has %d bytes or more",
				     VIRTIO_KILN_EVENT_MAX);
			break;
		}
		message = g_queue_pop_head(&kiln->messages);
		text = g_bytes_get_data(message, &len);
		iov_from_buf(elem->in_sg, elem->in_num, 0, text, len);
		virtqueue_push(kiln->events, elem, len);
		kiln->sent++;
		trace_virtio_kiln_event(kiln, len);
		g_bytes_unref(message);
		g_free(elem);
	}
	if (kiln->sent != sent)
		virtio_notify(vdev, kiln->events);
}

static void kiln_handle_events(VirtIODevice *vdev, VirtQueue *queue)
{
	kiln_send_messages(VIRTIO_KILN(vdev));
}

/* The property `message': what is written to it goes to the guest. */
static void kiln_set_message(Object *obj, const char *value, Error **errp)
{
	VirtIOKiln *kiln = VIRTIO_KILN(obj);
	size_t len = strlen(value);

	if (!DEVICE(obj)->realized || !kiln_is_ready(kiln) ||
	    !kiln_has(kiln, VIRTIO_KILN_F_EVENTS)) {
		error_setg(errp, "no driver in the guest takes messages");
	} else if (!len || len > VIRTIO_KILN_EVENT_MAX) {
		error_setg(errp, "a message has 1 to %d bytes, not %zu",
			   VIRTIO_KILN_EVENT_MAX, len);
	} else if (g_queue_get_length(&kiln->messages) >= KILN_MESSAGES_MAX) {
		error_setg(errp, "the guest does not take its messages: %d wait",
			   KILN_MESSAGES_MAX);
	} else {
		g_queue_push_tail(&kiln->messages, g_bytes_new(value, len));
		kiln_send_messages(kiln);
	}
}

static void kiln_drop_messages(VirtIOKiln *kiln)
{
	GBytes *message;

	while ((message = g_queue_pop_head(&kiln->messages)))
		g_bytes_unref(message);
}

/* Configuration */

static void kiln_get_config(VirtIODevice *vdev, uint8_t *config)
{
	VirtIOKiln *kiln = VIRTIO_KILN(vdev);
	struct virtio_kiln_config now = {
		.version = cpu_to_le32(VIRTIO_KILN_VERSION),
		.limit = cpu_to_le32(kiln->limit),
		.requests = cpu_to_le32(kiln->answered),
		.events = cpu_to_le32(kiln->sent),
	};

	memcpy(config, &now, sizeof(now));
}

static uint64_t kiln_get_features(VirtIODevice *vdev, uint64_t features,
				  Error **errp)
{
	return features | VIRTIO_KILN(vdev)->features;
}

/* All numbers here are little endian, and those of an old driver might not be. */
static int kiln_validate_features(VirtIODevice *vdev)
{
	return virtio_vdev_has_feature(vdev, VIRTIO_F_VERSION_1) ? 0 : -EINVAL;
}

static void kiln_reset(VirtIODevice *vdev)
{
	VirtIOKiln *kiln = VIRTIO_KILN(vdev);

	kiln_drop_delayed(kiln);
	kiln_drop_messages(kiln);
}

static void kiln_queue_reset(VirtIODevice *vdev, uint32_t index)
{
	VirtIOKiln *kiln = VIRTIO_KILN(vdev);

	if (index == VIRTIO_KILN_REQUESTS)
		kiln_drop_delayed(kiln);
}

/* State of a saved machine: what is not in the queues, which QEMU saves itself */

static void kiln_save_delayed(VirtIOKiln *kiln, QEMUFile *file)
{
	KilnRequest *request;

	QTAILQ_FOREACH(request, &kiln->delayed, next) {
		qemu_put_byte(file, 1);
		qemu_put_be64(file, request->due);
		qemu_put_virtqueue_element(VIRTIO_DEVICE(kiln), file,
					   &request->elem);
	}
	qemu_put_byte(file, 0);
}

/* Is it one that was delayed here?  The state may be that of a machine with another limit. */
static bool kiln_fits(VirtIOKiln *kiln, const VirtQueueElement *elem)
{
	size_t len = iov_size(elem->out_sg, elem->out_num);

	return len >= HEAD && len - HEAD <= kiln->limit &&
	       iov_size(elem->in_sg, elem->in_num) >= len;
}

static int kiln_load_delayed(VirtIOKiln *kiln, QEMUFile *file)
{
	KilnRequest *request;
	int64_t due;

	while (qemu_get_byte(file)) {
		due = qemu_get_be64(file);
		request = qemu_get_virtqueue_element(VIRTIO_DEVICE(kiln), file,
						     sizeof(*request));
		kiln_delay(kiln, request, due);
		if (!kiln_fits(kiln, &request->elem))
			return -EINVAL;
	}
	kiln_set_timer(kiln);
	return 0;
}

static void kiln_save_messages(VirtIOKiln *kiln, QEMUFile *file)
{
	const void *text;
	GList *link;
	size_t len;

	for (link = kiln->messages.head; link; link = link->next) {
		text = g_bytes_get_data(link->data, &len);
		qemu_put_be16(file, len);
		qemu_put_buffer(file, text, len);
	}
	qemu_put_be16(file, 0);
}

static int kiln_load_messages(VirtIOKiln *kiln, QEMUFile *file)
{
	uint8_t text[VIRTIO_KILN_EVENT_MAX];
	size_t len;

	while ((len = qemu_get_be16(file))) {
		if (len > sizeof(text) ||
		    g_queue_get_length(&kiln->messages) >= KILN_MESSAGES_MAX)
			return -EINVAL;
		qemu_get_buffer(file, text, len);
		g_queue_push_tail(&kiln->messages, g_bytes_new(text, len));
	}
	return 0;
}

static void kiln_save(VirtIODevice *vdev, QEMUFile *file)
{
	VirtIOKiln *kiln = VIRTIO_KILN(vdev);

	qemu_put_be64(file, kiln->answered);
	qemu_put_be64(file, kiln->bytes);
	qemu_put_be64(file, kiln->kicks);
	qemu_put_be64(file, kiln->batches);
	qemu_put_be64(file, kiln->sent);
	kiln_save_delayed(kiln, file);
	kiln_save_messages(kiln, file);
}

static int kiln_load(VirtIODevice *vdev, QEMUFile *file, int version)
{
	VirtIOKiln *kiln = VIRTIO_KILN(vdev);

	kiln->answered = qemu_get_be64(file);
	kiln->bytes = qemu_get_be64(file);
	kiln->kicks = qemu_get_be64(file);
	kiln->batches = qemu_get_be64(file);
	kiln->sent = qemu_get_be64(file);
	return kiln_load_delayed(kiln, file) ?: kiln_load_messages(kiln, file);
}

static const VMStateDescription kiln_vmstate = {
	.name = "virtio-kiln",
	.minimum_version_id = 1,
	.version_id = 1,
	.fields = (const VMStateField[]) {
		VMSTATE_VIRTIO_DEVICE,
		VMSTATE_END_OF_LIST()
	},
};

/* Life */

static void kiln_realize(DeviceState *dev, Error **errp)
{
	VirtIODevice *vdev = VIRTIO_DEVICE(dev);
	VirtIOKiln *kiln = VIRTIO_KILN(dev);

	if (!kiln->limit || kiln->limit > LIMIT_MAX) {
		error_setg(errp, "limit is 1 to %d bytes, not %" PRIu32,
			   LIMIT_MAX, kiln->limit);
		return;
	}
	virtio_init(vdev, VIRTIO_ID_KILN, sizeof(struct virtio_kiln_config));
	vdev->name = "virtio-kiln";
	kiln->requests = virtio_add_queue(vdev, QUEUE_SIZE, kiln_handle_requests);
	if (kiln->features & BIT_ULL(VIRTIO_KILN_F_EVENTS))
		kiln->events = virtio_add_queue(vdev, QUEUE_SIZE,
						kiln_handle_events);
	kiln->data = g_malloc(MAX(kiln->limit, sizeof(struct virtio_kiln_stats)));
	kiln->timer = timer_new_ms(QEMU_CLOCK_VIRTUAL, kiln_due, kiln);
	QTAILQ_INIT(&kiln->delayed);
	g_queue_init(&kiln->messages);
}

static void kiln_unrealize(DeviceState *dev)
{
	VirtIODevice *vdev = VIRTIO_DEVICE(dev);
	VirtIOKiln *kiln = VIRTIO_KILN(dev);

	kiln_reset(vdev);
	timer_free(kiln->timer);
	g_free(kiln->data);
	virtio_delete_queue(kiln->requests);
	if (kiln->events)
		virtio_delete_queue(kiln->events);
	virtio_cleanup(vdev);
}

static KILN_PROPERTY kiln_properties[] = {
	DEFINE_PROP_BIT64("events", VirtIOKiln, features, VIRTIO_KILN_F_EVENTS, true),
	DEFINE_PROP_BIT64("delay", VirtIOKiln, features, VIRTIO_KILN_F_DELAY, true),
	DEFINE_PROP_UINT32("limit", VirtIOKiln, limit, LIMIT_DEFAULT),
	KILN_PROPERTIES_END
};

static void kiln_describe(ObjectClass *klass)
{
	object_class_property_add_str(klass, "message", NULL, kiln_set_message);
	object_class_property_set_description(klass, "message",
					      "Set: sends the text to the guest's driver");
	object_class_property_set_description(klass, "events",
					      "Whether there is a queue for messages");
	object_class_property_set_description(klass, "delay",
					      "Whether requests can ask for a late reply");
	object_class_property_set_description(klass, "limit",
					      "Bytes of data in a request, at most");
}

static void kiln_class_init(ObjectClass *klass, KILN_CLASS_DATA data)
{
	DeviceClass *dc = DEVICE_CLASS(klass);
	VirtioDeviceClass *vdc = VIRTIO_DEVICE_CLASS(klass);

	device_class_set_props(dc, kiln_properties);
	dc->vmsd = &kiln_vmstate;
	dc->desc = "works on the bytes that it is given";
	set_bit(DEVICE_CATEGORY_MISC, dc->categories);
	vdc->realize = kiln_realize;
	vdc->unrealize = kiln_unrealize;
	vdc->get_config = kiln_get_config;
	vdc->get_features = kiln_get_features;
	vdc->validate_features = kiln_validate_features;
	vdc->reset = kiln_reset;
	vdc->queue_reset = kiln_queue_reset;
	vdc->save = kiln_save;
	vdc->load = kiln_load;
	kiln_describe(klass);
}

static const TypeInfo kiln_info = {
	.name = TYPE_VIRTIO_KILN,
	.parent = TYPE_VIRTIO_DEVICE,
	.instance_size = sizeof(VirtIOKiln),
	.class_init = kiln_class_init,
};

static void kiln_register(void)
{
	type_register_static(&kiln_info);
}

type_init(kiln_register)
