# SPDX-License-Identifier: GPL-2.0-only
#
# Three kinds of goals: plain goals need no configuration, config goals write it, all others, the
# lab's goals, read it.  Some of the latter need a machine.

unlocked_goals := help help-% docs deps doctor install config-diff
plain_goals := $(unlocked_goals) clean distclean %-clean
config_goals := menuconfig nconfig config oldconfig olddefconfig savedefconfig \
	defconfig listnewconfig helpnewconfig randconfig allnoconfig \
	allyesconfig $(notdir $(wildcard configs/*_defconfig) \
	$(call external_files,configs/*_defconfig))

boot_goals := run start state boot-chart
build_goals := $(boot_goals) reload test perf coverage kunit kselftest
machine_goals := $(build_goals) exec put get ssh console monitor screenshot gdb drgn dump \
	trace status stop watch bisect config-bisect min-config series shell report

goals := $(or $(MAKECMDGOALS),all)

# An invalid project is reported before anything else.
ifneq ($(external_text),)
ifneq ($(filter-out $(plain_goals) $(filter-out $(build_goals),$(machine_goals)),$(goals)),)
ifneq ($(external_odd),)
$(error a $(firstword $(external_odd)) in $(external_name)=$(external_text): make cannot handle \
	this folder name)
endif
# A name that is longer than a path can be has no absolute path.
ifneq ($(words $(external)),$(words $(external_text)))
$(error $(external_name) has a name that is longer than a path can be: name another folder)
endif
external_kconfig := $(shell src/engine/external check $(external_name) $(external))
ifneq ($(.SHELLSTATUS),0)
$(error $(external_kconfig))
endif
endif
endif

no_config := $(filter-out $(config_goals),$(filter %_defconfig,$(goals)))
ifneq ($(no_config),)
$(error there is no configs/$(firstword $(no_config)); there are \
	$(filter %_defconfig,$(config_goals)))
endif

# What has to be built before a machine runs ($(1)), or before a module is loaded into one.
built = $(if $(filter $(boot_goals),$(goals)),$(1)) $(foreach g,$(filter \
	$(build_goals),$(goals)),$(built_$(g)))
built_reload = $(if $(B),program,module)
built_test := tested
built_kunit := suites
built_kselftest := selftests
built_perf := recorded
built_coverage = covered $(if $(value CMD),,tested)

lab_goals := $(filter-out $(plain_goals) $(config_goals),$(goals))

# Not again when make restarts itself.
ifeq ($(if $(lab_goals),$(MAKE_RESTARTS),none),)
ifneq ($(misplaced),)
$(shell printf 'kiln: %s\n' $(misplaced_text) >&2)
endif
endif

lock_goals := $(filter-out $(config_goals) $(unlocked_goals),$(goals))

ifneq ($(if $(M),,$(filter $(if $(B),,reload) watch,$(goals))),)
$(error make $(filter reload watch,$(goals)) needs M=NAME, the folder of a module)
endif
ifneq ($(if $(value CMD),,$(filter perf,$(goals))),)
$(error make perf needs CMD='...', the command to profile)
endif
ifneq ($(and $(filter run test kunit kselftest,$(goals)),$(if $(COUNT),,$(UNTIL)$(AGAINST))),)
$(error UNTIL= and AGAINST= need COUNT=, the number of runs)
endif
run_on := $(value RUN_ON)
ifneq ($(filter-out local,$(run_on)),)
ifeq ($(filter ssh:% slurm slurm:%,$(run_on)),)
$(error RUN_ON=$(run_on): must be local, ssh:HOST,HOST/4 or slurm[:PARTITION])
endif
ifneq ($(filter-out test kunit kselftest series bisect config-bisect min-config report status $(if \
	$(COUNT),run),$(filter $(machine_goals),$(goals))),)
$(error RUN_ON= is for test, kunit, kselftest, series, bisect, config-bisect, min-config, and run \
	with COUNT=)
endif
endif
ifneq ($(and $(M),$(B)),)
$(error M=$(M) is a module and B=$(B) an eBPF program: name only one)
endif

# Checked already for the locked make, and for the makes of mixed goals.
ifeq ($(locked)$(filter %defconfig,$(goals)),)
ifneq ($(and $(FRAGMENTS),$(filter 0,$(MAKELEVEL))),)
$(error FRAGMENTS=$(FRAGMENTS): only defconfig and NAME_defconfig use them)
endif
endif
