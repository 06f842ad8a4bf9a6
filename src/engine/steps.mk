# SPDX-License-Identifier: GPL-2.0-only
#
# The rules of all steps; comes last, when all recipes are known.
#
# The script of a step is kept in $(O)/foo/.STEP, the stamp, which is dated at the
# step's start and there at its end; .STEP.new is there meanwhile.  .STEP.in and .STEP.out
# note what its files were.  While make reads this it hands all scripts to `step stale`,
# which compares, and prints the stamps to be made again.

.PHONY: $(recipes)

# What bash runs, behind the lists of the files.
define script
# in $(strip $(filter-out FORCE,$($(1)_$(2)_in)))
# out $(strip $($(1)_$(2)_out))
$($(1)_$(2))
endef

# The list of all, as src/step/stale.h has it.
define step_list
steps 1
$(foreach r,$(recipes),$(foreach s,$($(r)_steps),$(call step_entry,$(r),$(s))))end
endef
define step_entry
step $(O)/$(1)/.$(2)
	$(subst $(newline),$(newline)	,$(call script,$(1),$(2)))

endef

# It goes there by a file, for one word of a shell may have 128 KiB.  Nobody else can
# know its name, and it has none any more when it is read.
step_file := $(or $(TMPDIR),/tmp)/kiln-$(file </proc/sys/kernel/random/uuid)
step_ask = $(shell { rm -f $(call quote,$(step_file)) && \
	exec $(O)/host/step stale /dev/stdin; } <$(call quote,$(step_file)))

# make builds `step` as it would a makefile, and when it is new reads all once more.
ifeq ($(dry),)
include $(O)/host/step.mk
endif
$(O)/host/step.mk: $(O)/host/step
	@: >$@

ifneq ($(and $(wildcard $(O)/host/step),$(wildcard $(O)/host/step.mk)),)
step_stale := $(file >$(step_file),$(step_list))$(step_ask)
else ifneq ($(dry),)
$(error there is no usable $(O)/host/step, and -$(dry) builds none: run make first)
else
step_stale := asked
endif

# What does not say so has not answered: one of another version, which is built again; or
# it was killed, which make may take for a success.
ifneq ($(lastword $(step_stale)),asked)
ifneq ($(.SHELLSTATUS)$(MAKE_RESTARTS)$(dry),2)
$(error $(O)/host/step did not report which steps to run)
endif
$(O)/host/step: FORCE
endif

# Every input is a prerequisite as well, for a rule may make it now.
define step_rule
$(1): $(3)
$(3): $(call after,$(1),$(2)) $($(1)_$(2)_in) $(if $(filter $(3),$(step_stale)),FORCE)
$(3): | $(O)/host/step
	@$$(plus)$$($(1)_$(2)_before)$$(call step_do,$(1),$(2),$(3))
endef
step_rules = $(foreach s,$($(1)_steps),$(eval $(call step_rule,$(1),$(s),$(O)/$(1)/.$(s))))
$(foreach r,$(recipes),$(call step_rules,$(r)))

step_do = $(if $(dry),$(call script,$(1),$(2)),$(call step_start,$(1),$(2),$(3)))
step_start = $(call step_write,$(1),$(2),$(3))exec $(step_run) $(1) $(2) $(3)
step_write = $(call step_folder,$(dir $(3)))$(file >$(3).next,$(call script,$(1),$(2)))
step_folder = $(if $(wildcard $(1).),,$(shell mkdir -p $(1)))
