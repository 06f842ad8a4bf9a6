# SPDX-License-Identifier: GPL-2.0-only
#
# kselftest - builds programs of tools/testing/selftests for the lab's kernel and runs each in a
# fresh machine.  The programs are in $(O)/kselftest/install, the results in
# $(O)/results/kselftest.jsonl.

## TARGETS=: Folders of tools/testing/selftests, or FOLDER:TEST (default: those in the menu)
## FIX=: With y add the kernel options that they need to the menu, and build
## KNOWN=: A file of known failures (default: src/commands/kselftest/known)
## JOBS=: Number of machines that run in parallel (default: what processors and memory allow)
## RUN_ON=: Other hosts, such as ssh:HOST,HOST/4 or slurm (docs/run-on.md)
## COUNT=: Run each so many times and count the passes; UNTIL=fail, AGAINST=LAB (docs/tests.md)
## TIMEOUT=: Seconds for each program (default: from the file `settings' in its folder)
kselftest_asked := $(or $(TARGETS),$(linux_kselftest_named))
kselftest_targets := $(sort $(foreach t,$(kselftest_asked),$(firstword $(subst :, ,$(t)))))
kselftest_steps := $(if $(CONFIG_LINUX_KSELFTEST),build)

ifneq ($(filter selftests kselftest,$(goals)),)
ifeq ($(CONFIG_LINUX_KSELFTEST),)
$(call config_error,make kselftest: kselftest is off in the menu (LINUX_KSELFTEST))
endif
ifeq ($(kselftest_targets),)
$(call config_error,make kselftest: no tests were chosen; TARGETS= names folders of \
	tools/testing/selftests)
endif
ifneq ($(call odd_in,$(kselftest_targets)),)
$(call config_error,TARGETS=$(TARGETS): make cannot handle this folder name)
endif
endif

# A busybox root has no shared libraries.
kselftest_cc := $(linux_compiler) $(if $(CONFIG_ROOTFS_INITRAMFS),-static)

kselftest_needs := linux
kselftest_build_in := src/commands/kselftest/build $(shell_lib)
kselftest_build_out := $(O)/kselftest/install/kselftest-list.txt
define kselftest_build
	src/commands/kselftest/build check $(linux_src) $(linux_obj) $(kselftest_targets)
	$(linux_make) headers
	src/commands/kselftest/build make $(linux_src) $(linux_obj) $(O)/kselftest \
		'$(kselftest_cc)' $(kselftest_targets) -- $(toolchain_enter) env $(processor_make)
endef

$(call recipe,kselftest)

.PHONY: selftests
selftests: machine $(if $(CONFIG_LINUX_KSELFTEST),$(O)/kselftest/.build)
