# SPDX-License-Identifier: GPL-2.0-only
#
# kiln - a laboratory for Linux kernel development; `make help` lists the goals.
# They are of three kinds: the plain ones need no configuration, the next ones
# write it, all others, those of the lab, read it.

O := out
DL := out/dl

plain_goals := help deps doctor config-diff clean distclean %-clean
config_goals := menuconfig nconfig config oldconfig olddefconfig savedefconfig \
	defconfig listnewconfig helpnewconfig randconfig allnoconfig \
	allyesconfig $(notdir $(wildcard configs/*_defconfig))

boot_goals := run start
machine_goals := $(boot_goals) exec put get console status stop

goals := $(or $(MAKECMDGOALS),all)
lab_goals := $(filter-out $(plain_goals) $(config_goals),$(goals))
lock_goals := $(filter-out $(config_goals) help deps doctor config-diff,$(goals))

include recipes/paths.mk recipes/core.mk

ifneq ($(and $(FRAGMENTS),$(filter 0,$(MAKELEVEL)),$(if $(locked)$(filter %defconfig,$(goals)),,y)),)
$(error FRAGMENTS=$(FRAGMENTS): only defconfig and NAME_defconfig take them)
endif

ifneq ($(and $(word 2,$(goals)),$(filter-out $(lab_goals),$(goals))),)

# Goals of different kinds: one after the other, each in a make of its own.
.PHONY: $(goals) one-by-one
$(goals): one-by-one ; @:
one-by-one:
	@$(plus)for goal in $(goals); do $(MAKE) $$goal; done

else ifeq ($(filter-out $(machine_goals),$(goals))$(filter $(boot_goals),$(goals)),)

include recipes/machine.mk

else ifneq ($(and $(lock_goals),$(if $(dry)$(locked),,y)),)

include recipes/lock.mk

else

include recipes/config.mk $(sort $(wildcard recipes/*/*.mk)) recipes/configure.mk recipes/clean.mk recipes/check.mk
before_machine := vm
include recipes/machine.mk
$(eval $(call rules,$(recipes)))

endif
