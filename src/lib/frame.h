/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * frame - the protocol of the supervisor, the agent in the guest and the commands
 *
 * The agent's virtio-serial port and the control socket carry the same frames.
 * A frame is a head of little-endian numbers and up to FRAME_MAX bytes of data.
 *
 * The asker (host) sends the first frame, a HELLO on stream 0.  The answerer
 * (agent) closes all streams and answers with a HELLO of its own.  Every later
 * HELLO restarts the conversation in the same way.  A peer of another version
 * gets no frames.  A side that reads bytes which are no frame ends all streams
 * (the answerer with DONE -EBADMSG) and skips everything until a HELLO.  An asker
 * that takes over a line from another one therefore skips to the HELLO, too, and
 * sends FRAME_HEAD + FRAME_MAX zero bytes first: they complete a frame that was
 * cut off, and are no frame themselves.
 *
 * The asker opens a stream with RUN, PUT, ... under a number of its choice, not 0
 * and not in use.  DATA, END, CREDIT, RESIZE, SIGNAL and CANCEL may follow.  The
 * answerer ends every stream with exactly one DONE or EXIT as its last frame;
 * then the number is free again.  Frames on a stream that is not open are
 * ignored, because they may have crossed a DONE.
 *
 * Flow control: on each channel (0: input, 1: output, 2: errors) a sender may
 * send FRAME_WINDOW bytes of DATA.  The receiver returns CREDIT for the bytes it
 * has passed on, so a reader that is stuck stops only its own channel.  A sender
 * that exceeds its window loses the stream: DONE -EPROTO.
 *
 * EXIT follows when the command's first process has ended and the data that was
 * in its pipes has been sent.  Processes it left in the background may go on, but
 * their output is dropped.  END comes earlier on a channel that all processes
 * have closed.  On a terminal END 0, the end of input, is Ctrl-D.  KMSG goes on
 * until CANCEL, or until END 0: then DONE follows the last record in the log.
 */
#ifndef LIB_FRAME_H
#define LIB_FRAME_H

#include <stddef.h>

#include "lib/types.h"

#define FRAME_VERSION 1
#define FRAME_HEAD 12
#define FRAME_MAX 65536
#define FRAME_WINDOW (256 * 1024)

/* The payload in brackets; "text" is what is left, without NUL. */
enum frame_type {
	FRAME_HELLO = 1, /* [u32 version] and, from the agent, [u64 ns since boot] */

	/* The asker opens a stream */
	FRAME_RUN, /* as struct frame_run; EXIT, or DONE if it cannot be started */
	/*
	 * [u32 mode] text: path; then DATA 0, END 0; DONE when it is in place.  Behind a
	 * mode with FRAME_TIMED comes [u64 seconds, u32 ns], when the file was changed.
	 */
	FRAME_PUT,
	FRAME_GET, /* text: path; answered by STAT, DATA 1, END 1, DONE */
	FRAME_LOAD, /* text: module parameters; then DATA 0: the .ko, END 0; DONE */
	FRAME_UNLOAD, /* [u32 flags of delete_module] text: name */
	/*
	 * Follow /dev/kmsg: a record in each DATA 1, until CANCEL; after END 0, up
	 * to the last record.  No data, or [u32 1: only records from now on]
	 */
	FRAME_KMSG,
	FRAME_CLOCK, /* [u64 seconds, u32 nanoseconds] of CLOCK_REALTIME */
	FRAME_ENTROPY, /* text: bytes for the random pool, credited in full */
	FRAME_POWER, /* [u32 LINUX_REBOOT_CMD_...] DONE goes first */
	FRAME_PING,

	/* On an open stream, in both directions */
	FRAME_DATA, /* bytes of the channel */
	FRAME_END, /* no more on this channel */
	FRAME_CREDIT, /* [u32 bytes] more may be sent on this channel */

	/* From the asker on an open stream */
	FRAME_RESIZE, /* [u16 rows, u16 columns] */
	FRAME_SIGNAL, /* [u32 number] to the command's process group */
	FRAME_CANCEL, /* give up; DONE with -ECANCELED comes, or what crossed it */

	/* From the answerer */
	FRAME_STAT, /* [u32 mode, u64 size, u64 seconds, u32 ns]: when it was changed */
	FRAME_DONE, /* [s32 0 or -errno] text: the reason in words */
	FRAME_EXIT, /* [u32 0: exit status, 1: killed by signal; u32 which] */

	/* On the control socket alone, answered by the supervisor */
	FRAME_STATUS, /* DATA 1: JSON, END 1, DONE */
	FRAME_STOP, /* [u32 milliseconds until it is killed] DONE when it has ended */
	FRAME_CONSOLE, /* DATA 1: what the console says from now on; DATA 0: keys */
	FRAME_DUMP, /* text: path, or none for last/vmcore; DONE when it is there */

	/* For the agent again; the numbers above stay what they are */
	FRAME_NAME, /* text: the host name */
	FRAME_SHARE, /* mount the host's folders that the kernel's command line names */

	/* On the control socket alone again */
	FRAME_MONITOR, /* text: a command for QEMU's monitor; DATA 1, END 1, DONE */

	/*
	 * For the agent once more: DONE when the root's init has done its basic set-up,
	 * for which RUN, PUT, GET, LOAD and UNLOAD wait; -ETIMEDOUT if it takes too long,
	 * and then they wait no more.
	 */
	FRAME_SETTLE,
	/*
	 * Type DATA 0 at the console, each line when a process reads there; after END 0
	 * Ctrl-D, until the shell that reads has ended; then DONE.
	 */
	FRAME_TYPE,
};

#define FRAME_TIMED 0x80000000

enum {
	FRAME_RUN_TTY = 1, /* a terminal for it; channel 2 is not used then */
	FRAME_RUN_LONG = 2, /* the arguments and the environment come later */
	FRAME_RUN_PERSON = 4, /* for a person, in whose folder and as whom it runs */
};

/* What execve() takes at most: of one word, and of all with a pointer to each. */
#define FRAME_WORD_MAX (128 * 1024)
#define FRAME_WORDS_MAX (2 * 1024 * 1024)

struct frame {
	u32 size; /* of data */
	u32 stream;
	u16 type;
	u16 channel;
};

/*
 * The data of RUN: [u32 flags, u16 rows, u16 columns, u32 argc, u32 envc], then
 * cwd, the arguments and the environment, each with a NUL.  An empty cwd is /.
 * The environment is added to the agent's own: HOME, PATH, TERM.  If the first
 * argument has no '/', the program is looked up in PATH.
 *
 * With FRAME_RUN_PERSON cwd is that of the host.  It counts where the root is the
 * host's own system, and there the command runs as the user that the agent knows.
 *
 * With FRAME_RUN_LONG a u32 follows cwd: how many bytes the arguments and the
 * environment have.  They are the first bytes of the input, channel 0; what comes
 * behind them is the command's input.
 */
struct frame_run {
	u32 flags;
	u16 rows;
	u16 columns;
	u32 argc; /* at least 1 */
	u32 envc;
	const char *cwd;
	const char *args; /* argc texts, one behind the other; NULL: LONG */
	const char *env; /* envc of them */
	u32 size; /* of both, if they come later */
};

/* Write a head into the FRAME_HEAD bytes at `to`. */
void frame_write(void *to, const struct frame *frame);

/*
 * Read the frame at the beginning of these bytes.  Returns 1 if it is complete, with
 * its data at offset FRAME_HEAD; 0 if more bytes are needed; -EBADMSG if this is no
 * frame: an unknown type, or a size, stream or channel that its type cannot have.
 */
int frame_read(struct frame *ret, const void *bytes, size_t count);

/*
 * How many bytes to skip, at most count, until a HELLO may begin.  An incomplete
 * HELLO at the end is not skipped.
 */
size_t frame_skip(const void *bytes, size_t count);

/* Read a RUN's data, which ret then points into.  Returns 0 or -EBADMSG. */
int frame_read_run(struct frame_run *ret, const void *data, size_t size);

/* Read the texts that came later, `run->size' bytes.  Returns 0 or -EBADMSG. */
int frame_read_words(struct frame_run *run, const void *data);

/*
 * Write the first FRAME_RUN_HEAD bytes of a RUN's data.  The caller appends the
 * texts: cwd, args and env.
 */
#define FRAME_RUN_HEAD 16
void frame_write_run(void *to, const struct frame_run *run);

/* Numbers at any address.  The put functions return the address behind the number. */
u16 frame_get16(const void *from);
u32 frame_get32(const void *from);
u64 frame_get64(const void *from);
void *frame_put16(void *to, u16 number);
void *frame_put32(void *to, u32 number);
void *frame_put64(void *to, u64 number);

#endif
