# SPDX-License-Identifier: GPL-2.0-only
#
# The rules of all steps; included last, when all recipes are known.
#
# The stamp $(O)/foo/.STEP contains the script of a step that completed, and has the date of its
# start; while the step runs it is .STEP.new.  .STEP.in and .STEP.out record the state of its
# files.  While make reads this makefile it passes all scripts to `step stale`, which compares
# them and prints the stamps of the steps to run.

.PHONY: $(recipes)

# The lists of files, then the script for bash.
define script
# in $(strip $(filter-out FORCE,$($(1)_$(2)_in)))
# out $(strip $($(1)_$(2)_out))
$($(1)_$(2))
endef

# The list of all steps, in the form of src/step/stale.h.
define step_list
steps 1
$(foreach r,$(recipes),$(foreach s,$($(r)_steps),$(call step_entry,$(r),$(s))))end
endef
define step_entry
step $(O)/$(1)/.$(2)
	$(subst $(newline),$(newline)	,$(call script,$(1),$(2)))

endef

# The list is passed in a file, because a word of a shell is limited to 128 KiB.  Nobody can guess
# its name, and the file is unlinked before it is read.
step_file := $(or $(TMPDIR),/tmp)/kiln-$(file </proc/sys/kernel/random/uuid)
step_ask = $(shell { rm -f $(call quote,$(step_file)) && \
	exec $(O)/host/step stale /dev/stdin; } <$(call quote,$(step_file)))

# make builds `step` like a makefile: when it was rebuilt, all makefiles are read again.
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

# Without this word `step` did not answer: it has another version, and is built again; or it was
# killed, which make may take for a success.
ifneq ($(lastword $(step_stale)),asked)
ifneq ($(.SHELLSTATUS)$(MAKE_RESTARTS)$(dry),2)
$(error $(O)/host/step did not report which steps to run)
endif
$(O)/host/step: FORCE
endif

# Every input is also a prerequisite, because a rule may make it in this run.
define step_rule
$(1): $(3)
$(3): $(call after,$(1),$(2)) $($(1)_$(2)_in) $(if $(filter $(3),$(step_stale)),FORCE)
$(3): | $(O)/host/step
	@$$(plus)$$($(1)_$(2)_before)$$(call step,$(1),$(2),$(3),$$(call script,$(1),$(2)))
endef
step_rules = $(foreach s,$($(1)_steps),$(eval $(call step_rule,$(1),$(s),$(O)/$(1)/.$(s))))
$(foreach r,$(recipes),$(call step_rules,$(r)))

## configure: Configure everything, build nothing
.PHONY: configure
configure: $(foreach r,$(recipes),$(if $(filter configure,$($(r)_steps)),$(O)/$(r)/.configure))
