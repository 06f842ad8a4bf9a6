/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * processor - what QEMU shows to the kernel, for the lab's kind of processor
 *
 * recipes/processor/NAME/values.mk has it for makefiles and for us: lines
 * `processor_KEY := TEXT'.  Those that are read here:
 *
 *	name		the folder's own
 *	qemu		QEMU's program
 *	kernel		what the lab's machine boots, in the output directory
 *	boot		where in its build a kernel has the file for --kernel
 *	magic		at byte 56 of that, in hex, if it is an Image; empty: a bzImage
 *	machine_SYMBOL	`BUS SLOTS NAME [OPTIONS]': with the option SYMBOL QEMU's -M is
 *			NAME,OPTIONS; virtio devices are called ...-BUS, and there is
 *			room for SLOTS of them, or for all if that is 0.  The first is
 *			the default one.
 *	cpu		the model under TCG
 *	console		the kernel's name of the first serial port
 *	append		arguments of the kernel by which a reset ends QEMU
 *	append_tcg	further ones under TCG
 *	append_tcg_one	further ones there if there is one CPU
 *	append_max	the bytes of a command line that the kernel reads; it cuts off the
 *			rest in silence
 *	halted		`NAME= MASK VALUE [TEXT]' of a processor that never wakes up: what
 *			`info registers' shows as NAME= is VALUE in the bits MASK, in hex,
 *			and TEXT stands behind it; empty: it turns the machine off
 *	table		`MASK VALUE ADDRESS SHIFT [OFFSET]' of page tables: an entry leads to
 *			another table, not to a page, where it is VALUE in the bits MASK; the
 *			bits ADDRESS are memory's address, SHIFT too low; all but SHIFT in
 *			hex.  OFFSET is the kernel's word in VMCOREINFO for how much larger
 *			its own addresses are than memory's; without, QEMU tells the root
 *	symbol		the kernel's option for the processor
 *	console_symbol	that for the console
 *	pci_symbol	that for the machine's PCI; empty: the PC's
 */
#ifndef VM_ARGS_PROCESSOR_H
#define VM_ARGS_PROCESSOR_H

#include <stddef.h>

struct processor_line {
	const char *key; /* without processor_ */
	const char *text;
};

struct processor_machine {
	const char *symbol; /* of the menu */
	const char *bus;
	long slots;
	const char *name; /* QEMU's */
	const char *options; /* NULL: none */
};

struct processor {
	char *copy; /* of the text, whose parts all others are */
	struct processor_line *line;
	size_t count;
	struct processor_machine *machine;
	size_t machines; /* 1 at least */
};

/*
 * Read the values from a text, or from the file at path.  Returns 0, or -errno with a
 * sentence in *why; processor_fini() in both cases.
 */
int processor_parse(struct processor *ret, const char *text, char **why);
int processor_open(struct processor *ret, const char *path, char **why);
void processor_fini(struct processor *processor);

/* What stands for a key; "" if nothing does. */
const char *processor_text(const struct processor *processor, const char *key);
#endif
