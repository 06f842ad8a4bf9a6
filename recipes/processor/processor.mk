# SPDX-License-Identifier: GPL-2.0-only
#
# processor - the processor of the guest: a folder here, which auto.mk names in
# processor_folder
#
#	values.mk	all that makefiles, scripts and the program vm know about it, a line each
#	NAME.config	further lines for the fragment recipes/linux/NAME.config
#	tools		what it needs of this machine
#
# vm reads a copy, vm/processor in the output directory (src/vm/args/processor.h has the
# keys that it asks for), scripts ask `processor' in src/engine/lib.sh.  Makefiles take
# processor_KEY:
#
#	name		the folder's name
#	kbuild		ARCH= of the kernel's make; empty: its own choice
#	srcarch		the folder in the kernel's arch/
#	defconfig	the files of its defaults
#	tiny		what its tinyconfig adds
#	tiny_cflags	for the tiny kernel, by gcc
#	image		the kernel that the machine boots, in its build; empty: vmlinux, stripped
#	boot		the image for boot loaders, in the kernel's build
#	cross		the prefix of its tools; empty: this machine's own
#	packages	the packages of its tools in a Debian release
#	headers		the folder of the kernel's headers for programs
#	paging		`REGISTER BITS', by which gdb knows that paging is on

processor_values := $(addsuffix /values.mk,$(processor_folder))
ifneq ($(processor_values),)
include $(processor_values)
endif

# For the kernel's own make
processor_make := $(addprefix ARCH=,$(processor_kbuild)) \
	$(addprefix CROSS_COMPILE=,$(processor_cross))

# The fragments recipes/linux/NAME.config for the names $(1), each with the processor's own.
processor_fragments = $(foreach n,$(1),$(wildcard recipes/linux/$(n).config \
	$(processor_folder)/$(n).config))

# The compiler of the guest's programs: with this machine's musl, or with one that is built.
processor_musl := $(if $(processor_cross),$(processor_cross)gcc -specs \
	$(abspath $(O))/musl/root/lib/musl-gcc.specs,musl-gcc)
processor_include := $(addprefix -idirafter ,$(processor_headers))
processor_needs := $(if $(processor_cross),musl)
