# SPDX-License-Identifier: GPL-2.0-only
#
# kselftest - builds programs of tools/testing/selftests for the lab's kernel and runs each in a
# fresh machine.  The programs are in $(O)/kselftest/install, the results in
# $(O)/results/kselftest.jsonl.

## TARGETS=: Folders of tools/testing/selftests, or FOLDER:TEST; without it those of the menu
## FIX=: With y what they need of the kernel is written into the menu, and built
## KNOWN=: A file of known failures, src/commands/kselftest/known without it
## JOBS=: How many machines run side by side; without it as processors and memory allow
## RUN_ON=: Other hosts, as ssh:HOST,HOST/4 or slurm (docs/run-on.md)
## COUNT=: Tell how often each passes of so many times; UNTIL=fail, AGAINST= (docs/tests.md)
## TIMEOUT=: Seconds for each, in the place of those in its folder's file `settings'
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
