# SPDX-License-Identifier: GPL-2.0-only
#
# Goals are of three kinds: the plain ones need no configuration, the next ones
# write it, all others, those of the lab, read it.  Some of these need a machine.

plain_goals := help help-% deps doctor config-diff clean distclean %-clean
config_goals := menuconfig nconfig config oldconfig olddefconfig savedefconfig \
	defconfig listnewconfig helpnewconfig randconfig allnoconfig \
	allyesconfig $(notdir $(wildcard configs/*_defconfig))

boot_goals := run start state boot-chart
build_goals := $(boot_goals) reload test
machine_goals := $(build_goals) exec put get ssh console monitor screenshot gdb dump trace status stop watch bisect

goals := $(or $(MAKECMDGOALS),all)

no_config := $(filter-out $(config_goals),$(filter %_defconfig,$(goals)))
ifneq ($(no_config),)
$(error there is no configs/$(firstword $(no_config)); there are $(filter %_defconfig,$(config_goals)))
endif

# What is to be built before a machine runs, or a module gets into one.
built = $(if $(filter $(boot_goals),$(goals)),$(1)) $(if $(filter reload,$(goals)),module) \
	$(if $(filter test,$(goals)),tested)
lab_goals := $(filter-out $(plain_goals) $(config_goals),$(goals))
lock_goals := $(filter-out $(config_goals) help help-% deps doctor config-diff,$(goals))

ifneq ($(if $(M),,$(filter reload watch,$(goals))),)
$(error make $(filter reload watch,$(goals)) wants M=NAME, the folder of a module)
endif

# The locked make and those of mixed goals were asked already.
ifneq ($(and $(FRAGMENTS),$(filter 0,$(MAKELEVEL)),$(if $(locked)$(filter %defconfig,$(goals)),,y)),)
$(error FRAGMENTS=$(FRAGMENTS): only defconfig and NAME_defconfig take them)
endif
