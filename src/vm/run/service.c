// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/macros.h"
#include "lib/str.h"
#include "vm/run/service.h"

static const char *service_state(const struct service *service)
{
	if (service->machine->is_asked)
		return "ending";
	if (service->machine->is_paused)
		return "paused";
	if (service->agent->is_up)
		return "up";
	return service->up_ms < 0 ? "booting" : "without agent";
}

static void service_add(json_t *json, const char *key, json_t *value)
{
	json_object_set_new(json, key, value);
}

static json_t *service_seconds(long long ms)
{
	return json_real(ms / 1000.0);
}

/* For `vm status` */
static char *service_make_status(struct control *control)
{
	struct service *service = container_of(control, struct service,
					       control);
	json_t *json = json_object();
	char *text;

	service_add(json, "state", json_string(service_state(service)));
	service_add(json, "pid", json_integer(getpid()));
	service_add(json, "qemu_pid",
		    json_integer(service->machine->proc.pid));
	service_add(json, "accelerator", json_string(service->accel));
	service_add(json, "seconds",
		    service_seconds(clock_ms() - service->began));
	if (service->up_ms >= 0)
		service_add(json, "boot_seconds",
			    service_seconds(service->up_ms));
	service_add(json, "complaints",
		    json_integer(complaints_count(service->complaints)));
	service_add(json, "console_bytes",
		    json_integer(service->console->count));
	text = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	json_decref(json);
	return text;
}

static void service_stop(struct control *control, u32 ms)
{
	struct service *service = container_of(control, struct service,
					       control);

	service->stop(service, ms);
}

static int service_dump(struct control *control, const char *path)
{
	return dump_begin(container_of(control, struct service, control)->dump,
			  path);
}

static int service_monitor(struct control *control, const char *command)
{
	return machine_monitor(container_of(control, struct service,
					    control)->machine, command);
}

int service_open(struct service *service, struct loop *loop, const char *dir,
		 char **why)
{
	struct control *control = &service->control;
	int err;

	service->up_ms = -1;
	control->status = service_make_status;
	control->stop = service_stop;
	control->dump = service_dump;
	control->monitor = service_monitor;
	control_init(control, loop, service->agent, service->console);
	err = control_listen(control, dir);
	if (err < 0)
		*why = str_printf("%s/control: %s", dir, strerror(-err));
	return err;
}

void service_close(struct service *service)
{
	control_close(&service->control);
}
