// SPDX-License-Identifier: GPL-2.0-only
/*
 * The agent as an ordinary process at the other end of a socket: all that needs
 * no machine of its own.  recipes/guest/guest.t has the rest.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "guest/agent.h"
#include "guest/stream.h"
#include "test/lib/peer.h"
#include "test/lib/tap.h"

#define MS 10000

static struct peer peer;
static pid_t agent;
static char folder[64] = "/tmp/test-guest.XXXXXX";

static void start_agent(void)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		peer_die("no socket");
	fflush(stdout);
	agent = fork();
	if (!agent) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		agent_run(ends[1], false);
		exit(0);
	}
	close(ends[1]);
	peer_init(&peer, ends[0]);
	if (!peer_greet(&peer, MS))
		peer_die("no HELLO");
}

/* Returns how it ended, as waitpid() does. */
static int stop_agent(void)
{
	int status = -1;

	close(peer.fd);
	waitpid(agent, &status, 0);
	return status;
}

static bool is_alive(void)
{
	peer_ask(&peer, 255, FRAME_PING, -1, "");
	return peer_wait(&peer, 255, MS) && !peer.streams[255].err;
}

static bool exits(u32 stream, u32 killed, u32 which)
{
	const struct peer_stream *s = &peer.streams[stream];

	if (peer_wait(&peer, stream, MS) && s->over == FRAME_EXIT &&
	    s->killed == killed && s->which == which)
		return true;
	printf("# type %u, error %d %s, killed %u, status %u\n", s->over, s->err,
	       s->reason ? s->reason : "", s->killed, s->which);
	return false;
}

static bool fails(u32 stream, int err)
{
	const struct peer_stream *s = &peer.streams[stream];

	if (peer_wait(&peer, stream, MS) && s->over == FRAME_DONE &&
	    s->err == err)
		return true;
	printf("# type %u, error %d %s, killed %u, status %u\n", s->over, s->err,
	       s->reason ? s->reason : "", s->killed, s->which);
	return false;
}

static const char *text(u32 stream, unsigned int channel)
{
	const char *bytes = peer.streams[stream].bytes[channel];

	return bytes ? bytes : "";
}

/* Wait until the output holds this. */
static bool await_text(u32 stream, const char *wanted)
{
	while (!strstr(text(stream, 1), wanted))
		if (!peer_step(&peer, MS))
			return false;
	return true;
}

static const char *path_of(const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* How many files there are in the test's folder. */
static int count_files(void)
{
	char line[300];
	FILE *out;
	int n = -1;

	snprintf(line, sizeof(line), "ls -A %s | wc -l", folder);
	out = popen(line, "r");
	if (out) {
		if (fscanf(out, "%d", &n) != 1)
			n = -1;
		pclose(out);
	}
	return n;
}

static void test_commands(void)
{
	static const char *const words[] = { "printf", "<%s>", "a b", "", "$x",
					     NULL };
	static const char *const envs[] = { "A=b c", "TERM=dumb", NULL };
	static const char *const env[] = { "env", NULL };
	static const char *const pwd[] = { "pwd", NULL };
	static const char *const none[] = { "no-such-program", NULL };

	peer_run(&peer, 1, (struct frame_run){}, words, NULL);
	ok(exits(1, 0, 0), "a command ends with 0");
	is_text(text(1, 1), "<a b><><$x>", "its arguments are what was asked for");
	ok(peer.streams[1].ended[1] && peer.streams[1].ended[2],
	   "what it has closed is said to end");

	peer_run(&peer, 1, (struct frame_run){}, env, envs);
	ok(exits(1, 0, 0) && strstr(text(1, 1), "A=b c\n") &&
	   strstr(text(1, 1), "PATH=/"), "the environment comes on top");
	ok(strstr(text(1, 1), "TERM=dumb\n") &&
	   !strstr(text(1, 1), "TERM=linux"), "and replaces what has its name");

	peer_run(&peer, 1, (struct frame_run){ .cwd = "/usr/bin" }, pwd, NULL);
	ok(exits(1, 0, 0), "a command in a folder");
	is_text(text(1, 1), "/usr/bin\n", "is there");
	peer_run(&peer, 1, (struct frame_run){ .cwd = "/nowhere" }, pwd, NULL);
	ok(fails(1, -ENOENT), "a folder that is not there");
	is_text(peer.streams[1].reason, "/nowhere: No such file or directory",
		"is named");
	peer_run(&peer, 1, (struct frame_run){}, none, NULL);
	ok(fails(1, -ENOENT), "a program that is not there");
	is_text(peer.streams[1].reason,
		"no-such-program: No such file or directory", "is named");

	peer_shell(&peer, 1, "echo to out; echo to err >&2; exit 7");
	ok(exits(1, 0, 7), "its status");
	is_text(text(1, 1), "to out\n", "its output");
	is_text(text(1, 2), "to err\n", "its errors, apart");
	peer_shell(&peer, 1, "kill -TERM $$");
	ok(exits(1, 1, SIGTERM), "the signal that ended it");
	peer_shell(&peer, 1, "ls /proc/self/fd | wc -l; sleep 60 & echo $!");
	ok(exits(1, 0, 0), "a command with a process in the background ends");
	ok(!strncmp(text(1, 1), "4\n", 2), "it has no descriptors of ours");
	ok(!kill(atoi(text(1, 1) + 2), SIGKILL), "and the process goes on");
}

static void test_background(void)
{
	long long start = clock_ns();

	peer_shell(&peer, 1, "(while :; do echo more; done) & echo $!; exit 3");
	ok(exits(1, 0, 3), "what floods from the background does not hold the end back");
	ok(clock_ns() - start < 5000000000LL, "not for long");
	ok(!peer.streams[1].ended[1], "its output has not ended by itself");

	peer_shell(&peer, 1, "yes | head -c 60000; exit 4");
	ok(exits(1, 0, 4) && peer.streams[1].size[1] == 60000,
	   "what was in the pipe at the end is delivered");
}

static void test_input(void)
{
	size_t size = 3 << 20;
	char *bytes = malloc(size);
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = rand();
	peer_shell(&peer, 1, "cat");
	peer_input(&peer, 1, bytes, size);
	peer_end(&peer, 1);
	ok(exits(1, 0, 0) && peer.streams[1].size[1] == size &&
	   !memcmp(peer.streams[1].bytes[1], bytes, size),
	   "3 MB through cat are the same");

	peer_shell(&peer, 1, "exec <&-; echo closed; sleep 60");
	ok(peer_await(&peer, 1, 1, 7, MS), "a command that closes its input");
	peer_input(&peer, 1, bytes, size);
	ok(is_alive(), "takes more, to nowhere");
	peer_send(&peer, 1, FRAME_CANCEL, 0, NULL, 0);
	ok(fails(1, -ECANCELED), "and is canceled");

	peer_shell(&peer, 1, "sleep 60");
	/* What the pipe takes is credited. */
	for (i = 0; i < 2 * FRAME_WINDOW / FRAME_MAX + 1; i++)
		peer_send(&peer, 1, FRAME_DATA, 0, bytes, FRAME_MAX);
	ok(fails(1, -EPROTO), "more than the window is refused");
	free(bytes);
}

static void test_signals(void)
{
	char number[4];
	pid_t pid;

	peer_shell(&peer, 1, "trap 'echo got it' USR1; echo ready; "
			     "while :; do sleep 0.05; done");
	ok(peer_await(&peer, 1, 1, 6, MS), "a command awaits a signal");
	frame_put32(number, SIGUSR1);
	peer_send(&peer, 1, FRAME_SIGNAL, 0, number, 4);
	/* Its sleep is in the group, too, and ends the loop's turn. */
	ok(peer_await(&peer, 1, 1, 13, MS), "and gets it");
	frame_put32(number, 4711);
	peer_send(&peer, 1, FRAME_SIGNAL, 0, number, 4);
	frame_put32(number, -1);
	peer_send(&peer, 1, FRAME_SIGNAL, 0, number, 4);
	ok(is_alive(), "numbers that are no signals do nothing");
	frame_put32(number, SIGKILL);
	peer_send(&peer, 1, FRAME_SIGNAL, 0, number, 4);
	ok(exits(1, 1, SIGKILL), "killed");

	peer_shell(&peer, 1, "sleep 1000 & echo $!; wait");
	peer_await(&peer, 1, 1, 2, MS);
	pid = atoi(text(1, 1));
	peer_send(&peer, 1, FRAME_CANCEL, 0, NULL, 0);
	ok(fails(1, -ECANCELED), "cancel ends a command");
	while (!kill(pid, 0))
		usleep(1000);
	ok(true, "and its group, which is reaped");

	peer_shell(&peer, 1, "ps -o sid= -p $$; echo $$; kill -0 -$$ && echo group");
	ok(exits(1, 0, 0) && atoi(text(1, 1)) != getsid(0),
	   "a command has a session of its own, which no Ctrl-C here reaches");
}

static void test_terminal(void)
{
	const struct frame_run tty = { .flags = FRAME_RUN_TTY, .rows = 33,
				       .columns = 77 };
	static const char *const shell[] = { "/bin/sh", "-c",
		"tty; stty size; trap 'stty size' WINCH; echo ready; "
		/* A signal may end a read. */
		"until read -r line; do :; done; "
		"echo \"<$line>\"; cat; echo bye >&2; exit 5", NULL };
	static const char *const cat[] = { "cat", NULL };
	static const char *const flood[] = { "head", "-c", "200000", "/dev/zero",
					     NULL };
	char size[4];

	peer_run(&peer, 1, tty, shell, NULL);
	ok(peer_await(&peer, 1, 1, strlen("/dev/pts/0\r\n33 77\r\nready\r\n"), MS) &&
	   strstr(text(1, 1), "/dev/pts/"), "a command has a terminal");
	ok(strstr(text(1, 1), "33 77\r\n"), "of the size that was asked for");
	frame_put16(frame_put16(size, 40), 100);
	peer_send(&peer, 1, FRAME_RESIZE, 0, size, 4);
	peer_input(&peer, 1, "hello\n", 6);
	ok(await_text(1, "40 100\r\n"), "it hears of a new size");
	ok(await_text(1, "<hello>\r\n"), "it reads a line");
	peer_input(&peer, 1, "to cat\n", 7);
	ok(await_text(1, "to cat\r\nto cat\r\n"), "which is echoed");
	peer_end(&peer, 1);
	ok(exits(1, 0, 5) && strstr(text(1, 1), "cat\r\nbye\r\n"),
	   "it reads to the end of input; errors are among its output");

	/* No shell: one may lose a signal while it becomes another program. */
	peer_run(&peer, 1, tty, cat, NULL);
	peer_input(&peer, 1, "here\n", 5);
	await_text(1, "here\r\nhere\r\n");
	peer_input(&peer, 1, "\x03", 1);
	ok(exits(1, 1, SIGINT), "Ctrl-C ends what is in front");

	peer_run(&peer, 1, tty, flood, NULL);
	ok(exits(1, 0, 0) && peer.streams[1].size[1] == 200000,
	   "all that a terminal shows is delivered");
}

static void test_stuck(void)
{
	struct peer_stream *s = peer_shell(&peer, 1, "cat /dev/zero");
	char *bytes;

	s->is_stuck = true;
	ok(peer_await(&peer, 1, 1, FRAME_WINDOW, MS), "a reader gets stuck");
	peer_shell(&peer, 2, "head -c 5000000 /dev/zero");
	ok(exits(2, 0, 0) && peer.streams[2].size[1] == 5000000,
	   "beside it 5 MB flow");
	ok(peer.streams[1].size[1] == FRAME_WINDOW, "it gets no more than the window");

	peer_shell(&peer, 3, "exec sleep 60");
	bytes = calloc(1, FRAME_WINDOW + 65536);
	peer_input(&peer, 3, bytes, FRAME_WINDOW);
	peer_shell(&peer, 4, "cat");
	peer_input(&peer, 4, bytes, FRAME_WINDOW + 65536);
	peer_end(&peer, 4);
	ok(exits(4, 0, 0) && peer.streams[4].size[1] == FRAME_WINDOW + 65536,
	   "beside a command that does not read, another does");
	free(bytes);

	s = peer_shell(&peer, 5, "cat /dev/zero >&2");
	s->is_stuck = true;
	peer_await(&peer, 5, 2, FRAME_WINDOW, MS);
	peer_send(&peer, 1, FRAME_CANCEL, 0, NULL, 0);
	peer_send(&peer, 3, FRAME_CANCEL, 0, NULL, 0);
	peer_send(&peer, 5, FRAME_CANCEL, 0, NULL, 0);
	ok(fails(1, -ECANCELED) && fails(3, -ECANCELED) && fails(5, -ECANCELED),
	   "what is stuck can be canceled");

	s = peer_shell(&peer, 6, "head -c 300000 /dev/zero; exit 9");
	s->is_stuck = true;
	peer_await(&peer, 6, 1, FRAME_WINDOW, MS);
	ok(!peer_wait(&peer, 6, 200), "no end before the output was taken");
	s->is_stuck = false;
	ok(exits(6, 0, 9) && s->size[1] == 300000, "and all of it after");
}

static void test_many(void)
{
	u32 id;
	int n;

	for (id = 1; id <= 33; id++)
		peer_shell(&peer, id, "cat");
	ok(fails(33, -EMFILE), "the 33rd at once is refused");
	for (id = 1; id <= 32; id++) {
		peer_input(&peer, id, "abc", 3);
		peer_end(&peer, id);
	}
	for (id = 1, n = 0; id <= 32; id++)
		n += exits(id, 0, 0) && !strcmp(text(id, 1), "abc");
	ok(n == 32, "32 work at once");
	peer_shell(&peer, 1, "exit 1");
	ok(exits(1, 0, 1), "and then there is room again");
}

static void put(u32 stream, const char *path, u32 mode, const char *bytes,
		size_t size)
{
	peer_ask(&peer, stream, FRAME_PUT, mode, path);
	peer_input(&peer, stream, bytes, size);
	peer_end(&peer, stream);
}

static void test_put(void)
{
	size_t size = 1000000;
	char *bytes = malloc(size);
	struct stat st;
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = rand();
	put(1, path_of("file"), 0754, bytes, size);
	ok(fails(1, 0), "a file is put");
	ok(!stat(path_of("file"), &st) && st.st_size == (off_t)size &&
	   (st.st_mode & 07777) == 0754, "with its mode");
	peer_ask(&peer, 2, FRAME_GET, -1, path_of("file"));
	ok(fails(2, 0) && peer.streams[2].size[1] == size &&
	   !memcmp(text(2, 1), bytes, size), "and got, the same");
	ok(peer.streams[2].has_stat && peer.streams[2].ended[1] &&
	   peer.streams[2].stat_size == size &&
	   peer.streams[2].mode == (S_IFREG | 0754), "with mode, size and end");

	put(1, path_of("file"), 0600, "new", 3);
	ok(fails(1, 0) && !stat(path_of("file"), &st) && st.st_size == 3,
	   "it is replaced");
	put(1, path_of("file"), 0600, "", 0);
	ok(fails(1, 0) && !stat(path_of("file"), &st) && !st.st_size,
	   "by an empty one");
	free(bytes);
}

static void test_put_fails(void)
{
	static char zeros[100000];
	int before;

	put(1, path_of("no/such/folder"), 0644, "x", 1);
	ok(fails(1, -ENOENT), "no such folder");
	ok(strstr(peer.streams[1].reason, "no/such/folder: No such file"),
	   "it is named");
	put(1, folder, 0644, "x", 1);
	ok(fails(1, -EISDIR), "a folder is no file");
	peer_send(&peer, 1, FRAME_CANCEL, 0, NULL, 0);
	ok(is_alive(), "a CANCEL that crossed the DONE is ignored");
	ok(count_files() == 1, "nothing is left of what failed");

	peer_ask(&peer, 1, FRAME_PUT, 0644, path_of("half"));
	peer_input(&peer, 1, zeros, sizeof(zeros));
	before = count_files();
	while (before == 1)
		before = count_files();
	peer_send(&peer, 1, FRAME_CANCEL, 0, NULL, 0);
	ok(fails(1, -ECANCELED), "a put is canceled");
	while (count_files() != 1)
		usleep(1000);
	ok(true, "and leaves nothing");

	peer_open(&peer, 1);
	peer_send(&peer, 1, FRAME_PUT, 0, "\0\0\0\0/tmp/a\0b", 12);
	ok(fails(1, -EINVAL), "a name with a NUL");
	memset(zeros, 'x', sizeof(zeros));
	peer_open(&peer, 1);
	peer_send(&peer, 1, FRAME_GET, 0, zeros, 5000);
	ok(fails(1, -ENAMETOOLONG), "a name without end");
}

static void test_get(void)
{
	peer_ask(&peer, 1, FRAME_GET, -1, "/proc/version");
	ok(fails(1, 0) && !strncmp(text(1, 1), "Linux version", 13) &&
	   !peer.streams[1].stat_size, "a file of /proc, which tells no size");
	peer_ask(&peer, 1, FRAME_GET, -1, "/sys/kernel/mm/transparent_hugepage/enabled");
	ok(fails(1, 0) || fails(1, -ENOENT), "a file of /sys");
	peer_ask(&peer, 1, FRAME_GET, -1, "/nowhere");
	ok(fails(1, -ENOENT), "no such file");
	peer_ask(&peer, 1, FRAME_GET, -1, "/tmp");
	ok(fails(1, -EISDIR), "a folder");
	peer_ask(&peer, 1, FRAME_GET, -1, "/dev/zero")->is_stuck = true;
	ok(peer_await(&peer, 1, 1, FRAME_WINDOW, MS), "a file without end");
	peer_send(&peer, 1, FRAME_CANCEL, 0, NULL, 0);
	ok(fails(1, -ECANCELED), "is canceled");
}

static void test_refused(void)
{
	struct timespec now;
	char number[4];
	char clock[12];

	peer_ask(&peer, 1, FRAME_STATUS, -1, "");
	ok(fails(1, -EOPNOTSUPP), "what is for the supervisor");
	peer_ask(&peer, 1, FRAME_POWER, 12345, "");
	ok(fails(1, -EINVAL), "an unknown way to end the machine");
	clock_gettime(CLOCK_REALTIME, &now);
	frame_put32(frame_put64(clock, now.tv_sec), now.tv_nsec);
	peer_open(&peer, 1);
	peer_send(&peer, 1, FRAME_CLOCK, 0, clock, sizeof(clock));
	ok(fails(1, -EPERM), "on a host, its clock is not set");
	peer_ask(&peer, 1, FRAME_NAME, -1, "a-machine");
	ok(fails(1, -EPERM), "... nor its name");
	peer_ask(&peer, 1, FRAME_SHARE, -1, "");
	ok(fails(1, -EPERM), "... nor is anything mounted");
	peer_ask(&peer, 1, FRAME_TYPE, -1, "");
	ok(fails(1, -EPERM), "... nor is anything typed");
	peer_ask(&peer, 1, FRAME_UNLOAD, 0, "no_such_module");
	ok(peer_wait(&peer, 1, MS) && peer.streams[1].err < 0,
	   "a module that is not there");

	peer_shell(&peer, 1, "sleep 60");
	peer_send(&peer, 1, FRAME_PING, 0, NULL, 0);
	ok(fails(1, -EPROTO), "a number that is in use");
	peer_shell(&peer, 1, "sleep 60");
	frame_put32(number, 1);
	peer_send(&peer, 1, FRAME_CREDIT, 1, number, 4);
	ok(fails(1, -EPROTO), "credit for nothing");
	peer_open(&peer, 1);
	peer_send(&peer, 1, FRAME_RUN, 0, "\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0/\0x", 19);
	ok(fails(1, -EBADMSG), "a RUN without an end");
	peer_send(&peer, 77, FRAME_DATA, 0, "x", 1);
	peer_send(&peer, 77, FRAME_END, 2, "", 0);
	peer_send(&peer, 77, FRAME_SIGNAL, 0, number, 4);
	ok(is_alive(), "frames of no stream are ignored");
}

static void test_lost(void)
{
	char bytes[5000 + FRAME_HEAD];
	unsigned int i;
	int n = 0;

	for (i = 0; i < 100; i++) {
		size_t k, size = rand() % 5000 + FRAME_HEAD;

		peer_shell(&peer, 1, "sleep 60");
		for (k = 0; k < size; k++)
			bytes[k] = rand() % 7 ? rand() : 0;
		/* At least the first of them is none. */
		bytes[9] = 0x7f;
		peer_write(&peer, bytes, size);
		n += fails(1, -EBADMSG) && peer_greet(&peer, MS) && is_alive();
	}
	ok(n == 100, "after bytes that are no frame a HELLO begins anew");

	peer_shell(&peer, 1, "echo $$; sleep 60");
	peer_await(&peer, 1, 1, 2, MS);
	ok(peer_greet(&peer, MS), "a second HELLO is answered");
	while (!kill(atoi(text(1, 1)), 0))
		usleep(1000);
	ok(true, "what was open is given up");

	frame_put32(bytes, FRAME_VERSION + 1);
	peer_send(&peer, 0, FRAME_HELLO, 0, bytes, 4);
	peer_ask(&peer, 1, FRAME_PING, -1, "");
	ok(!peer_wait(&peer, 1, 100), "another version is not spoken to");
	ok(peer_greet(&peer, MS) && is_alive(), "but the right one again");
}

/* What each stream of the interleavings runs: its input comes back. */
static void start_echo(u32 id)
{
	static const char *const to_out[] = { "cat", NULL };

	if (id % 2)
		peer_run(&peer, id, (struct frame_run){}, to_out, NULL);
	else
		peer_shell(&peer, id, "cat >&2; exit 2");
}

static bool is_echo(u32 id, const char *bytes, size_t size)
{
	return exits(id, 0, id % 2 ? 0 : 2) &&
	       peer.streams[id].size[2 - id % 2] == size &&
	       !memcmp(text(id, 2 - id % 2), bytes, size);
}

/* Start, feed and end streams in random order; all must end as they should. */
static bool interleave(unsigned int seed)
{
	enum { IDS = 6, CHUNK = 30000, SIZE = 10 * CHUNK };
	static char bytes[SIZE];
	size_t sent[IDS + 1] = {};
	bool open[IDS + 1] = {};
	unsigned int left = 12;
	bool good = true;
	u32 id;

	srand(seed);
	memset(bytes, rand(), sizeof(bytes));
	for (id = 0; id < SIZE; id += rand() % 1000)
		bytes[id] = rand();
	while (left || memchr(open, true, sizeof(open))) {
		id = rand() % IDS + 1;
		if (!open[id] && left) {
			left--;
			start_echo(id);
			sent[id] = 0;
			open[id] = true;
		} else if (!open[id]) {
			continue;
		} else if (sent[id] < SIZE && rand() % 8) {
			peer_input(&peer, id, bytes + sent[id], CHUNK);
			sent[id] += CHUNK;
		} else if (rand() % 4) {
			peer_end(&peer, id);
			good &= is_echo(id, bytes, sent[id]);
			open[id] = false;
		} else {
			peer_send(&peer, id, FRAME_CANCEL, 0, NULL, 0);
			good &= fails(id, -ECANCELED);
			open[id] = false;
		}
	}
	return good;
}

static void test_interleavings(void)
{
	unsigned int seed;

	for (seed = 1; seed <= 200; seed++) {
		if (!interleave(seed))
			break;
	}
	ok(seed == 201, "200 random interleavings");
	if (seed != 201)
		printf("# seed %u\n", seed);
}

static void test_no_processes(void)
{
	struct rlimit was, none = { 1, 1 };

	if (!geteuid()) {
		ok(true, "root has no limit # SKIP");
		return;
	}
	prlimit(agent, RLIMIT_NPROC, NULL, &was);
	none.rlim_max = was.rlim_max;
	prlimit(agent, RLIMIT_NPROC, &none, NULL);
	peer_shell(&peer, 1, "true");
	ok(fails(1, -EAGAIN) && is_alive(), "no more processes");
	prlimit(agent, RLIMIT_NPROC, &was, NULL);
}

static void test_no_descriptors(void)
{
	/* As many as poll() wants; we have left open 60 of them. */
	struct rlimit was, few = { 131, 131 };
	u32 id, cats;

	prlimit(agent, RLIMIT_NOFILE, NULL, &was);
	few.rlim_max = was.rlim_max;
	prlimit(agent, RLIMIT_NOFILE, &few, NULL);
	for (id = 1; id < STREAMS; id++) {
		peer_shell(&peer, id, "cat");
		peer_input(&peer, id, "here", 4);
		if (!peer_await(&peer, id, 1, 4, 1000))
			break;
	}
	cats = id;
	ok(fails(cats, -EMFILE), "no more descriptors");
	prlimit(agent, RLIMIT_NOFILE, &was, NULL);
	for (id = 1; id < cats; id++)
		peer_end(&peer, id);
	for (id = 1; id < cats; id++)
		peer_wait(&peer, id, MS);
	for (id = 1; id <= STREAMS; id++)
		peer_shell(&peer, id, "true");
	for (id = 1; id <= STREAMS; id++)
		if (!exits(id, 0, 0))
			break;
	ok(id > STREAMS, "and none is lost by it");
}

static void test_orphans(void)
{
	char line[100];
	FILE *out;
	int n = -1;

	peer_shell(&peer, 1, "for i in 1 2 3 4 5; do (sleep 0.1 &) ; done");
	ok(exits(1, 0, 0), "orphans are left");
	peer_shell(&peer, 1, "sleep 0.3");
	exits(1, 0, 0);
	snprintf(line, sizeof(line), "ps --ppid %d -o pid= | wc -l", agent);
	out = popen(line, "r");
	if (out && fscanf(out, "%d", &n) == 1)
		pclose(out);
	ok(!n, "the agent reaps them");
}

int main(void)
{
	int i;

	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!mkdtemp(folder))
		peer_die("no folder");
	for (i = 0; i < 60; i++)
		dup(STDERR_FILENO);
	start_agent();
	test_commands();
	test_background();
	test_input();
	test_signals();
	test_terminal();
	test_stuck();
	test_many();
	test_put();
	test_put_fails();
	test_get();
	test_refused();
	test_lost();
	test_interleavings();
	test_orphans();
	test_no_descriptors();
	test_no_processes();
	ok(is_alive(), "the agent lives");
	ok(stop_agent() == 0, "until its line is closed");
	unlink(path_of("file"));
	rmdir(folder);
	return tap_done();
}
