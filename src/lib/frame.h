/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * frame - what the supervisor, the agent in the guest, and the commands say
 *
 * The same frames go over the agent's virtio-serial port and over the control
 * socket.  A frame is a head, its numbers little-endian, and up to FRAME_MAX
 * bytes.
 *
 * The asker (host) speaks first: a HELLO on stream 0.  The answerer (agent) gives
 * up whatever was open and answers with a HELLO of its own; each HELLO that
 * comes later is a new beginning in the same way.  A side that speaks another
 * version is not spoken to.  A side that reads bytes which are no frame has lost
 * its place: it ends all streams, the answerer with DONE -EBADMSG, and skips
 * everything until a HELLO.  So an asker that takes over a line which another has
 * used skips to the HELLO, too, and sends FRAME_HEAD + FRAME_MAX bytes of zero
 * before its own: they complete a frame that was cut off, and are none.
 *
 * The asker opens a stream with RUN, PUT, ... under a number of its choice, not 0
 * and not in use.  DATA, END, CREDIT, RESIZE, SIGNAL and CANCEL may follow.  The
 * answerer ends every stream with exactly one DONE or EXIT, its last frame on
 * it; the number may be used again then.  Frames of a stream that is not open
 * are ignored, as a DONE may cross them.
 *
 * Flow control: on each channel (0: input, 1: output, 2: errors) a sender may
 * send FRAME_WINDOW bytes of DATA; the receiver returns CREDIT for what it has
 * passed on.  So a reader that is stuck stops its own channel only.  Who sends
 * more than that loses the stream: DONE -EPROTO.
 *
 * A command's EXIT comes when its first process has ended and what was in its
 * pipes then has been sent.  What it left in the background may go on, but
 * nobody hears it any more.  END comes before that on a channel which all have
 * closed.  The end of input (END 0) is Ctrl-D on a terminal.  KMSG goes on until
 * CANCEL, or until END 0: then DONE comes behind the last record that there is.
 */
#ifndef LIB_FRAME_H
#define LIB_FRAME_H

#include <stddef.h>

#include "types.h"

#define FRAME_VERSION 1
#define FRAME_HEAD 12
#define FRAME_MAX 65536
#define FRAME_WINDOW (256 * 1024)

/* The payload in brackets; "text" is what is left, without NUL. */
enum frame_type {
	FRAME_HELLO = 1, /* [u32 version] and, from the agent, [u64 ns since boot] */

	/* The asker opens a stream */
	FRAME_RUN, /* as struct frame_run; EXIT, or DONE if it cannot be started */
	FRAME_PUT, /* [u32 mode] text: path; then DATA 0, END 0; DONE when it is in place */
	FRAME_GET, /* text: path; answered by STAT, DATA 1, END 1, DONE */
	FRAME_LOAD, /* text: module parameters; then DATA 0: the .ko, END 0; DONE */
	FRAME_UNLOAD, /* [u32 flags of delete_module] text: name */
	/*
	 * Follow /dev/kmsg: a record in each DATA 1, until CANCEL, or END 0: to its
	 * end.  Nothing, or [u32 1: only what comes from now on]
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
	FRAME_STAT, /* [u32 mode, u64 size] */
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
};

enum { FRAME_RUN_TTY = 1 }; /* a terminal for it; channel 2 is not used then */

struct frame {
	u32 size; /* of data */
	u32 stream;
	u16 type;
	u16 channel;
};

/*
 * The data of RUN: [u32 flags, u16 rows, u16 columns, u32 argc, u32 envc], then
 * cwd, the arguments and the environment, each with a NUL.  An empty cwd is /.
 * The environment comes on top of the agent's own: HOME, PATH, TERM.  An
 * argument without '/' that names the program is looked up in PATH.
 */
struct frame_run {
	u32 flags;
	u16 rows;
	u16 columns;
	u32 argc; /* at least 1 */
	u32 envc;
	const char *cwd;
	const char *args; /* argc texts, one behind the other */
	const char *env; /* envc of them */
};

/* Write a head into the FRAME_HEAD bytes at `to`. */
void frame_write(void *to, const struct frame *frame);

/*
 * Read the frame which these bytes begin with.  Returns 1 when it is all there,
 * its data FRAME_HEAD bytes on; 0 when more bytes are needed; -EBADMSG when this is
 * no frame: an unknown type, or a size, stream or channel that its type cannot have.
 */
int frame_read(struct frame *ret, const void *bytes, size_t count);

/*
 * How many bytes to skip until a HELLO may begin, when the place was lost: at
 * most count, with the first bytes of one kept at the end.
 */
size_t frame_skip(const void *bytes, size_t count);

/* Read a RUN's data, which ret then points into.  Returns 0 or -EBADMSG. */
int frame_read_run(struct frame_run *ret, const void *data, size_t size);

/*
 * Write a RUN's data but for the texts, FRAME_RUN_HEAD bytes; cwd, args and env
 * are the caller's to add.
 */
#define FRAME_RUN_HEAD 16
void frame_write_run(void *to, const struct frame_run *run);

/* Numbers, at any address.  The second kind returns the address behind it. */
u16 frame_get16(const void *from);
u32 frame_get32(const void *from);
u64 frame_get64(const void *from);
void *frame_put16(void *to, u16 number);
void *frame_put32(void *to, u32 number);
void *frame_put64(void *to, u64 number);

#endif
