# SPDX-License-Identifier: GPL-2.0-only
#
# Variables of make and Kbuild in the environment are meant for other builds: here the menu and
# the command line decide.  LINUX_DIR and the like are used, and what belongs to the user or to
# the machine.

# Variables of goals: in the environment, a name as short as M may mean anything.  The goals'
# programs get program_vars as they were typed, as KILN_NAME; make_vars are for make.
program_vars := CMD FILE TO TIMEOUT FRESH COUNT UNTIL AGAINST PARAMS EVENTS GDBARGS CORE SCRIPT \
	JUNIT ORIGIN BASE SERIES CHECKS AGAIN SUITES APART SLOW TARGETS KNOWN RUN_ON
make_vars := V M T A B ARGS GDB NVIM WATCH JSON FORMAT GOOD BAD HEAD FRAGMENTS PREFIX FIX \
	MODULES_FIX JOBS
goal_vars := $(program_vars) $(make_vars)

# Variables that the makefiles of Linux and busybox read.
kbuild_vars := ARCH SUBARCH SRCARCH CROSS_COMPILE CROSS_COMPILE_COMPAT LLVM LLVM_IAS KBUILD_% \
	KERNELRELEASE LOCALVERSION W C CF CHECK MO CC LD AR NM OBJCOPY RUSTC BINDGEN PAHOLE \
	KCFLAGS KAFLAGS KCPPFLAGS KRUSTFLAGS CFLAGS CFLAGS_% AFLAGS_% CPPFLAGS LDFLAGS LDFLAGS_% \
	RUSTFLAGS_% EXTRA_CFLAGS EXTRA_LDFLAGS HOSTCC HOSTLD HOST%FLAGS USER%FLAGS INSTALL_% \
	INSTALLKERNEL MODLIB DEPMOD CONFIG_PREFIX SKIP_STRIP GCOV_PROFILE% CONFIG_%

from_environment = $(foreach v,$(filter $(1),$(.VARIABLES)),$(if $(filter \
	environment,$(origin $(v))),$(v)))

# These would build another kernel than the menu says; refused on the command line, too.
misplaced := $(strip $(foreach v,ARCH CROSS_COMPILE LLVM,$(if $(filter \
	environment command,$(origin $(v))),$(v))))
remedy_ARCH := the menu has the processor (LINUX_ARCH)
remedy_CROSS_COMPILE := the menu has the compiler (LINUX_GNU_VERSION)
remedy_LLVM := the menu has the compiler (LINUX_LLVM)
misplaced_text := $(foreach v,$(misplaced),$(call \
	quote,$(v)=$(value $(v)) is left out: $(remedy_$(v))))
$(foreach v,$(misplaced) $(call from_environment,$(goal_vars) $(kbuild_vars)),$(eval \
	override undefine $(v)))
ifneq ($(misplaced),)
MAKEOVERRIDES := $(filter-out $(misplaced:%=%=%),$(MAKEOVERRIDES))
endif
