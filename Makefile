# SPDX-License-Identifier: GPL-2.0-only
#
# kiln - a laboratory for Linux kernel development; `make help` lists the goals.
# They are of three kinds: the plain ones need no configuration, the next ones
# write it, all others read it.

O := out
DL := out/dl

plain_goals := help deps doctor clean distclean %-clean
config_goals := menuconfig nconfig config oldconfig olddefconfig savedefconfig \
	defconfig listnewconfig helpnewconfig randconfig allnoconfig \
	allyesconfig $(notdir $(wildcard configs/*_defconfig))

goals := $(or $(MAKECMDGOALS),all)
lab_goals := $(filter-out $(plain_goals) $(config_goals),$(goals))

ifneq ($(words $(O) $(DL) $(CURDIR)),3)
$(error a space in O=$(O), DL=$(DL) or $(CURDIR): the kernel cannot be built there)
endif

include recipes/core.mk

ifneq ($(and $(word 2,$(goals)),$(filter-out $(lab_goals),$(goals))),)

# Goals of different kinds: one after the other, each in a make of its own.
.PHONY: $(goals) one-by-one
$(goals): one-by-one ;
one-by-one:
	@$(plus)for goal in $(goals); do $(MAKE) $$goal; done

else

include recipes/config.mk $(sort $(wildcard recipes/*/*.mk)) recipes/clean.mk
$(eval $(call rules,$(recipes)))

endif
