# SPDX-License-Identifier: GPL-2.0-only
#
# perf - the profiler of the kernel's source as a static program, $(O)/perf/perf, installed as
# /usr/bin/perf in a busybox root; make perf draws its samples in $(O)/perf/perf.svg

perf_is_built := $(and $(CONFIG_LINUX_PERF),$(CONFIG_ROOTFS_INITRAMFS))
perf_program := $(if $(perf_is_built),$(O)/perf/perf)
perf_steps := $(if $(perf_is_built),build)

ifneq ($(and $(filter perf recorded,$(goals)),$(linux_is_built)),)
ifeq ($(CONFIG_LINUX_PERF),)
$(call config_error,make perf: perf is off in the menu (CONFIG_LINUX_PERF))
endif
endif

# What of a tree of the user's it is made of
perf_of_linux := $(addprefix $(LINUX_DIR)/tools/perf/,Makefile.perf *.[ch] util/*.[ch])
perf_build_after := nothing
perf_build_in := $(toolchain) $(linux_fetched) $(if $(LINUX_DIR),$(wildcard $(perf_of_linux))) \
	recipes/perf/build $(shell_lib)
perf_build_out := $(O)/perf/perf
define perf_build
	recipes/perf/build $(linux_from) $(O)/perf $(toolchain_enter)
endef

# Built with the root: the goal of its name, in src/engine/machine.mk, records.
$(call recipe,perf)

.PHONY: recorded
recorded: vm ; @:
