# SPDX-License-Identifier: GPL-2.0-only
#
# Goals are of three kinds: the plain ones need no configuration, the next ones
# write it, all others, those of the lab, read it.  Some of these need a machine.

plain_goals := help help-% deps doctor config-diff clean distclean %-clean
config_goals := menuconfig nconfig config oldconfig olddefconfig savedefconfig \
	defconfig listnewconfig helpnewconfig randconfig allnoconfig \
	allyesconfig $(notdir $(wildcard configs/*_defconfig))

boot_goals := run start state boot-chart
machine_goals := $(boot_goals) exec put get console gdb dump trace status stop

goals := $(or $(MAKECMDGOALS),all)
lab_goals := $(filter-out $(plain_goals) $(config_goals),$(goals))
lock_goals := $(filter-out $(config_goals) help help-% deps doctor config-diff,$(goals))

# The locked make and those of mixed goals were asked already.
ifneq ($(and $(FRAGMENTS),$(filter 0,$(MAKELEVEL)),$(if $(locked)$(filter %defconfig,$(goals)),,y)),)
$(error FRAGMENTS=$(FRAGMENTS): only defconfig and NAME_defconfig take them)
endif
