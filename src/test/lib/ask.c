// SPDX-License-Identifier: GPL-2.0-only
/*
 * ask - ask the agent for one thing, for tests and measurements
 *
 * The agent's line is the socket that QEMU offers.  Ends with the command's
 * status, 128 and the number of the signal that killed it, or 1 and a reason.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/macros.h"
#include "test/lib/peer.h"

#define MS 60000
#define STREAM 1
#define FILES 0644

static struct peer peer;
static struct peer_stream *stream = &peer.streams[STREAM];

/* QEMU may not have made its socket yet. */
static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int tries;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	for (tries = 0; tries < 1000; tries++) {
		if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
			return fd;
		usleep(10000);
	}
	peer_die(path);
	return -1;
}

/* Wait for the end, and say why if it is a bad one. */
static int result(void)
{
	if (!peer_wait(&peer, STREAM, MS))
		peer_die("no answer");
	if (stream->size[1])
		fwrite(stream->bytes[1], 1, stream->size[1], stdout);
	if (stream->size[2])
		fwrite(stream->bytes[2], 1, stream->size[2], stderr);
	if (stream->over == FRAME_EXIT)
		return stream->which + (stream->killed ? 128 : 0);
	if (!stream->err)
		return 0;
	fprintf(stderr, "%s\n", stream->reason);
	return 1;
}

static void send_file(FILE *in)
{
	static char bytes[FRAME_MAX];
	size_t n;

	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		peer_input(&peer, STREAM, bytes, n);
	peer_end(&peer, STREAM);
}

static int ask_run(char **args)
{
	peer_run(&peer, STREAM, (struct frame_run){},
		 (const char *const *)args, NULL);
	return result();
}

static int ask_shell(char **args)
{
	peer_shell(&peer, STREAM, args[0]);
	return result();
}

static int ask_put(char **args)
{
	peer_ask(&peer, STREAM, FRAME_PUT, FILES, args[0]);
	send_file(stdin);
	return result();
}

static int ask_get(char **args)
{
	peer_ask(&peer, STREAM, FRAME_GET, -1, args[0]);
	return result();
}

/* A file and, if any, parameters. */
static int ask_load(char **args)
{
	FILE *in = fopen(args[0], "r");

	if (!in)
		peer_die(args[0]);
	peer_ask(&peer, STREAM, FRAME_LOAD, -1, args[1] ? args[1] : "");
	send_file(in);
	fclose(in);
	return result();
}

static int ask_unload(char **args)
{
	peer_ask(&peer, STREAM, FRAME_UNLOAD, O_NONBLOCK, args[0]);
	return result();
}

/* Print what the kernel says until a record holds this text. */
static int ask_kmsg(char **args)
{
	peer_ask(&peer, STREAM, FRAME_KMSG, -1, "");
	while (!stream->bytes[1] || !strstr(stream->bytes[1], args[0]))
		if (stream->over || !peer_step(&peer, MS))
			peer_die("the kernel did not say so");
	peer_send(&peer, STREAM, FRAME_CANCEL, 0, NULL, 0);
	peer_wait(&peer, STREAM, MS);
	return result() != 1 || stream->err != -ECANCELED;
}

/* Print the first thing that it says after it has been told to say this. */
static int ask_news(char **args)
{
	static const char shell[] = "echo \"$0\" >/dev/kmsg";
	const char *const words[] = { "sh", "-c", shell, args[0], NULL };
	char from_now[4];

	frame_put32(from_now, 1);
	peer_open(&peer, STREAM);
	peer_send(&peer, STREAM, FRAME_KMSG, 0, from_now, sizeof(from_now));
	peer_run(&peer, STREAM + 1, (struct frame_run){}, words, NULL);
	while (!stream->size[1])
		if (stream->over || !peer_step(&peer, MS))
			peer_die("the kernel says nothing");
	fwrite(stream->bytes[1], 1, stream->size[1], stdout);
	return 0;
}

static int ask_name(char **args)
{
	peer_ask(&peer, STREAM, FRAME_NAME, -1, args[0]);
	return result();
}

static int ask_clock(char **args)
{
	char data[12];

	frame_put32(frame_put64(data, atoll(args[0])), 0);
	peer_open(&peer, STREAM);
	peer_send(&peer, STREAM, FRAME_CLOCK, 0, data, sizeof(data));
	return result();
}

static int ask_entropy(char **args)
{
	peer_ask(&peer, STREAM, FRAME_ENTROPY, -1, args[0]);
	return result();
}

/* A number for reboot(2). */
static int ask_power(char **args)
{
	peer_ask(&peer, STREAM, FRAME_POWER, strtoul(args[0], NULL, 0), "");
	return result();
}

static int ask_ping(char **args)
{
	(void)args;
	peer_ask(&peer, STREAM, FRAME_PING, -1, "");
	return result();
}

static void say_times(const char *what, long long *ns, int n)
{
	long long t;
	int i, k;

	for (i = 1; i < n; i++)
		for (k = i; k && ns[k] < ns[k - 1]; k--) {
			t = ns[k];
			ns[k] = ns[k - 1];
			ns[k - 1] = t;
		}
	printf("%s: min %.6f median %.6f s\n", what, ns[0] / 1e9, ns[n / 2] / 1e9);
}

/* What the answer to a PING and a command with its output take. */
static int ask_times(char **args)
{
	static const char *const uname[] = { "uname", "-r", NULL };
	long long ping[51], run[51];
	size_t i;

	(void)args;
	for (i = 0; i < ARRAY_SIZE(ping); i++) {
		ping[i] = -clock_ns();
		peer_ask(&peer, STREAM, FRAME_PING, -1, "");
		if (!peer_wait(&peer, STREAM, MS) || stream->err)
			peer_die("no answer to a PING");
		ping[i] += clock_ns();

		run[i] = -clock_ns();
		peer_run(&peer, STREAM, (struct frame_run){}, uname, NULL);
		if (!peer_wait(&peer, STREAM, MS) || !stream->size[1])
			peer_die("no answer to a RUN");
		run[i] += clock_ns();
	}
	say_times("ping", ping, ARRAY_SIZE(ping));
	say_times("uname -r", run, ARRAY_SIZE(run));
	return 0;
}

static void say_speed(const char *what, long long start, size_t bytes)
{
	if (!peer_wait(&peer, STREAM, MS) || stream->err ||
	    (stream->size[1] && stream->size[1] != bytes))
		peer_die(what);
	printf("%s: %.0f MB/s\n", what, bytes * 1e3 / (clock_ns() - start));
}

/* So many MiB through put, get and a command's output. */
static int ask_speed(char **args)
{
	size_t size = atol(args[0]) << 20;
	char *bytes = calloc(1, size);
	char line[100];
	long long start;

	if (!bytes)
		peer_die("no memory");
	start = clock_ns();
	peer_ask(&peer, STREAM, FRAME_PUT, FILES, "/tmp/speed");
	peer_input(&peer, STREAM, bytes, size);
	peer_end(&peer, STREAM);
	say_speed("put", start, size);

	start = clock_ns();
	peer_ask(&peer, STREAM, FRAME_GET, -1, "/tmp/speed")->is_counted = true;
	say_speed("get", start, size);

	snprintf(line, sizeof(line),
		 "rm /tmp/speed; exec dd if=/dev/zero bs=64k count=%zu 2>/dev/null",
		 size >> 16);
	start = clock_ns();
	peer_shell(&peer, STREAM, line)->is_counted = true;
	say_speed("stdout", start, size);
	free(bytes);
	return 0;
}

static const struct {
	const char *name;
	int args; /* at least */
	int (*ask)(char **args);
} things[] = {
	{ "run", 1, ask_run },		{ "shell", 1, ask_shell },
	{ "put", 1, ask_put },		{ "get", 1, ask_get },
	{ "load", 1, ask_load },	{ "unload", 1, ask_unload },
	{ "kmsg", 1, ask_kmsg },	{ "news", 1, ask_news },
	{ "name", 1, ask_name },	{ "clock", 1, ask_clock },
	{ "entropy", 1, ask_entropy },	{ "power", 1, ask_power },
	{ "ping", 0, ask_ping },	{ "times", 0, ask_times },
	{ "speed", 1, ask_speed },
};

int main(int argc, char **argv)
{
	static const char zeros[FRAME_HEAD + FRAME_MAX];
	size_t i;

	for (i = 0; argc > 2 && i < ARRAY_SIZE(things); i++) {
		if (strcmp(argv[2], things[i].name) || argc - 3 < things[i].args)
			continue;
		peer_init(&peer, connect_to(argv[1]));
		/* Another may have been here before. */
		peer_write(&peer, zeros, sizeof(zeros));
		if (!peer_greet(&peer, MS))
			peer_die("the agent does not greet");
		return things[i].ask(argv + 3);
	}
	fputs("usage: ask SOCKET THING [ARG]...; things are:", stderr);
	for (i = 0; i < ARRAY_SIZE(things); i++)
		fprintf(stderr, " %s", things[i].name);
	fputc('\n', stderr);
	return 2;
}
