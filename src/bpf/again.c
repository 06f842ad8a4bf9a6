// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf-again stop MODULE|PATH...	end the programs that are attached to the module by
 *					eBPF, or run this file, and note them
 * bpf-again start			start those that were noted
 * bpf-again run PATH [WORD...]		start this one
 *
 * In the guest, for the host's reload.  A tracing program holds the module that it is
 * attached to.  What was started writes where it wrote before, or if that was a pipe,
 * to /run/NAME.log.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/bpf.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/macros.h"

#define NOTES "/run/bpf-again"

/* Room for the name of a process's folder, or of one of ours */
#define NAME 128

/* How long a program may take to end, and one of others to attach, in milliseconds */
#define END_MS 5000
#define ATTACH_MS 5000

static int again_open(const char *folder, const char *name, int flags)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return open(path, flags | O_CLOEXEC, 0600);
}

/* Read a small file of a folder as a text.  Returns its size, 0 if there is none. */
static size_t again_read(const char *folder, const char *name, char *to, size_t room)
{
	int fd = again_open(folder, name, O_RDONLY);
	ssize_t n, size = 0;

	while (fd >= 0 && (n = read(fd, to + size, room - 1 - size)) > 0)
		size += n;
	if (fd >= 0)
		close(fd);
	to[size] = '\0';
	return size;
}

static void again_write(const char *folder, const char *name, const char *text, size_t size)
{
	int fd = again_open(folder, name, O_WRONLY | O_CREAT | O_TRUNC);

	if (fd < 0 || write(fd, text, size) != (ssize_t)size)
		fprintf(stderr, "bpf-again: %s/%s: %s\n", folder, name, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void again_link(const char *folder, const char *name, char to[PATH_MAX])
{
	char path[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	n = readlink(path, to, PATH_MAX - 1);
	to[n > 0 ? n : 0] = '\0';
}

/* The name of the types with this number: that of a module, or "vmlinux". */
static bool again_name_types(unsigned int id, char *name, size_t room)
{
	union bpf_attr attr = { .btf_id = id };
	struct bpf_btf_info info = { .name = (__u64)(unsigned long)name, .name_len = room };
	int fd, err;

	fd = syscall(SYS_bpf, BPF_BTF_GET_FD_BY_ID, &attr, sizeof(attr));
	if (fd < 0)
		return false;
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (__u64)(unsigned long)&info;
	err = syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr));
	close(fd);
	return !err;
}

/* Does this descriptor attach a program to the module?  fdinfo tells it of each. */
static bool again_holds(const char *fds, const char *fd, const char *module)
{
	char text[4096], name[64];
	const char *at;

	again_read(fds, fd, text, sizeof(text));
	at = strstr(text, "target_obj_id:");
	return at && again_name_types(strtoul(at + 14, NULL, 10), name, sizeof(name)) &&
	       !strcmp(name, module);
}

/* How many programs the process has attached to the module. */
static int again_count(const char *process, const char *module)
{
	struct dirent *entry;
	char fds[NAME];
	int count = 0;
	DIR *dir;

	snprintf(fds, sizeof(fds), "%.100s/fdinfo", process);
	dir = opendir(fds);
	while (dir && (entry = readdir(dir)))
		count += *entry->d_name != '.' && again_holds(fds, entry->d_name, module);
	if (dir)
		closedir(dir);
	return count;
}

static bool again_runs(const char *process, const char *file)
{
	char program[PATH_MAX];

	again_link(process, "exe", program);
	return !strcmp(program, file);
}

static int again_users(const char *module)
{
	char folder[NAME], text[24];

	snprintf(folder, sizeof(folder), "/sys/module/%s", module);
	again_read(folder, "refcnt", text, sizeof(text));
	return atoi(text);
}

/* The kernel lets go of a module a moment after its programs have ended. */
static void again_await(const char *module, int users)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	int i;

	for (i = 0; i < END_MS / 10 && again_users(module) > users; i++)
		nanosleep(&moment, NULL);
}

static void again_note(const char *process, const char *pid)
{
	char folder[NAME], text[PATH_MAX], *words = malloc(1 << 17);
	size_t size;

	snprintf(folder, sizeof(folder), NOTES "/%.20s", pid);
	mkdir(NOTES, 0700);
	mkdir(folder, 0700);
	size = again_read(process, "cmdline", words, 1 << 17);
	again_write(folder, "words", words, size);
	again_link(process, "cwd", text);
	again_write(folder, "folder", text, strlen(text));
	again_link(process, "fd/1", text);
	again_write(folder, "out", text, strlen(text));
	free(words);
}

/* Returns 0 or -errno. */
static int again_end(pid_t pid)
{
	int fd = syscall(SYS_pidfd_open, pid, 0);
	struct pollfd end = { .fd = fd, .events = POLLIN };

	if (fd < 0)
		return errno == ESRCH ? 0 : -errno;
	syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0);
	if (!poll(&end, 1, END_MS)) {
		syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
		poll(&end, 1, -1);
	}
	close(fd);
	return 0;
}

/* End a process and note how to start it again. */
static int again_stop_one(const char *process, const char *pid)
{
	char name[64];
	int err;

	again_read(process, "comm", name, sizeof(name));
	again_note(process, pid);
	err = again_end(atoi(pid));
	if (!err)
		printf("%.*s (process %s) was ended\n", (int)strcspn(name, "\n"), name, pid);
	return err;
}

static int again_stop(const char *what)
{
	bool is_file = *what == '/';
	int users = is_file ? 0 : again_users(what);
	int err = 0, count, all = 0;
	struct dirent *entry;
	char process[NAME];
	DIR *dir;

	dir = opendir("/proc");
	while (dir && !err && (entry = readdir(dir))) {
		if (atoi(entry->d_name) < 2 || atoi(entry->d_name) == getpid())
			continue;
		snprintf(process, sizeof(process), "/proc/%.20s", entry->d_name);
		count = is_file ? again_runs(process, what) : again_count(process, what);
		all += count;
		if (count)
			err = again_stop_one(process, entry->d_name);
	}
	if (dir)
		closedir(dir);
	if (all && !is_file)
		again_await(what, users - all);
	return err;
}

static void again_become(char **words, const char *folder, const char *out, int ready)
{
	char number[12];
	int null = open("/dev/null", O_RDONLY);
	int fd = open(out, O_WRONLY | O_CREAT | O_APPEND, 0600);

	setsid();
	snprintf(number, sizeof(number), "%d", ready);
	setenv("KILN_READY", number, 1);
	if (chdir(*folder ? folder : "/") < 0 || null < 0 || fd < 0)
		fprintf(stderr, "bpf-again: %s, %s: %s\n", folder, out, strerror(errno));
	dup2(null, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	execvp(words[0], words);
	fprintf(stderr, "bpf-again: %s: %s\n", words[0], strerror(errno));
	_exit(127);
}

/* What was said at the end of a log, behind what was there before. */
static void again_show(const char *log, off_t from)
{
	char text[4096];
	int fd = open(log, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return;
	while ((n = pread(fd, text, sizeof(text), from)) > 0) {
		fwrite(text, 1, n, stdout);
		from += n;
	}
	close(fd);
}

/* Start it, and wait until it says that it is attached, or ended.  0 or -errno. */
static int again_start_one(char **words, const char *folder, const char *out)
{
	char log[PATH_MAX], byte;
	struct pollfd attached = { .events = POLLIN };
	struct stat st;
	off_t before;
	int ends[2];
	pid_t pid;

	/* Pipes and sockets have no name. */
	if (*out != '/' || stat(out, &st) < 0) {
		snprintf(log, sizeof(log), "/run/%s.log", basename(words[0]));
		out = log;
	}
	before = !stat(out, &st) && S_ISREG(st.st_mode) ? st.st_size : 0;
	if (pipe(ends) < 0)
		return -errno;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		close(ends[0]);
		again_become(words, folder, out, ends[1]);
	}
	close(ends[1]);
	attached.fd = ends[0];
	/* Programs of others do not say it. */
	if (pid > 0 && poll(&attached, 1, ATTACH_MS) > 0 && read(ends[0], &byte, 1) != 1) {
		printf("%s ended at once\n", basename(words[0]));
		again_show(out, before);
		return -ECHILD;
	}
	printf("%s runs, its output goes to %s\n", basename(words[0]), out);
	close(ends[0]);
	return pid < 0 ? -errno : 0;
}

static int again_start_noted(const char *folder)
{
	char where[PATH_MAX], out[PATH_MAX], *text = malloc(1 << 17), **words;
	size_t size, i, count = 0;
	int err = 0;

	size = again_read(folder, "words", text, 1 << 17);
	again_read(folder, "folder", where, sizeof(where));
	again_read(folder, "out", out, sizeof(out));
	words = calloc(size + 1, sizeof(*words));
	for (i = 0; i < size; i += strlen(text + i) + 1)
		words[count++] = text + i;
	if (count)
		err = again_start_one(words, where, out);
	free(words);
	free(text);
	return err;
}

static void again_forget(const char *folder)
{
	static const char *const names[] = { "words", "folder", "out" };
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

static int again_start(void)
{
	char folder[NAME];
	struct dirent *entry;
	int err = 0, one;
	DIR *dir;

	dir = opendir(NOTES);
	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		snprintf(folder, sizeof(folder), NOTES "/%.20s", entry->d_name);
		one = again_start_noted(folder);
		again_forget(folder);
		err = err ? err : one;
	}
	if (dir)
		closedir(dir);
	return err;
}

int main(int argc, char **argv)
{
	int i, err = -EINVAL;

	if (argc > 2 && !strcmp(argv[1], "stop"))
		for (i = 2, err = 0; i < argc && !err; i++)
			err = again_stop(argv[i]);
	else if (argc == 2 && !strcmp(argv[1], "start"))
		err = again_start();
	else if (argc > 2 && !strcmp(argv[1], "run"))
		err = again_start_one(argv + 2, "/", "");
	return err < 0;
}
