/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * catalog - the devices that are folders, recipes/vm/devices/NAME
 *
 * The file `qemu' in such a folder tells what the option CONFIG_VM_NAME adds to the
 * machine.  Empty lines and those that begin with # say nothing; the others are a
 * keyword, a tab and a text:
 *
 *	words	words of QEMU's command, split as by a shell; may stand again
 *	words-MACHINE	the same on microvm, q35, pc or virt, in place of all `words'
 *	append	arguments of the kernel, the same
 *	unsaved	why such a machine cannot be saved: "VM_NAME " goes before it
 *	single	why only one such machine can run: "VM_NAME " goes before it
 *	arch	the processors, as LINUX_ARCH names them; without the line: all
 *
 * In a word @BUS@ stands for the end of the names of virtio devices, device or
 * pci, and @SYMBOL@ for the value of CONFIG_SYMBOL, whatever is in it.
 *
 * make joins these files into one, vm/devices in the output directory; each begins
 * there with a line `device NAME FILE', for FILE is named when a line is wrong.
 */
#ifndef VM_ARGS_CATALOG_H
#define VM_ARGS_CATALOG_H

#include <stdbool.h>

#include "lib/argv.h"
#include "lib/config.h"

#define CATALOG_MACHINES 4

struct catalog_device {
	char *symbol; /* VM_NAME */
	struct argv words;
	struct argv of_machine[CATALOG_MACHINES]; /* none: words */
	struct argv append;
	struct argv arch; /* none: all */
	char *unsaved; /* NULL: it can be saved */
	char *single; /* NULL: others can run beside it */
};

struct catalog {
	struct catalog_device *device;
	size_t count;
};

/*
 * Read the devices from the text of a joined file, or from the file at path.
 * Returns 0, or -errno with a sentence in *why; catalog_fini() in both cases.
 */
int catalog_parse(struct catalog *ret, const char *text, char **why);
int catalog_open(struct catalog *ret, const char *path, char **why);
void catalog_fini(struct catalog *catalog);

/* Is the device one of this architecture's? */
bool catalog_has_arch(const struct catalog_device *device, const char *arch);

/* The device's words on this machine, as QEMU calls it */
const struct argv *catalog_words(const struct catalog_device *device,
				 const char *machine);

/* Append words of a device with what stands for their @SYMBOL@s. */
void catalog_expand(struct argv *argv, const struct argv *words,
		    const struct config *config, const char *bus);

#endif
