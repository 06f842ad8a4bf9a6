# SPDX-License-Identifier: GPL-2.0-only
#
# Turns the steps of a recipe into rules.
#
# recipes/foo/foo.mk lists its steps in foo_steps, defines one macro foo_STEP
# for each, with what bash shall do, and ends with $(call recipe,foo,ON): when
# ON is not empty, foo is part of `make all`.  A step runs again when
#
#   - a step before it ran: those in foo_STEP_after (or "nothing"), else the one
#     listed before it, else all steps of the recipes in foo_needs, or their foo_ends;
#   - a file in foo_STEP_in is newer than the last start of the step, or has
#     another date or size than then: an older one may have taken its place;
#   - a file in foo_STEP_out, its products, was changed since, or is gone; a name
#     with one * stands for all files that there are then;
#   - its text is not what it was: an option in it changed, or the recipe;
#   - it did not come to its end the last time.
#
# The text is kept in $(O)/foo/.STEP, the stamp, which is dated at the step's
# start and there at its end; .STEP.new is there meanwhile.  .STEP.in and .STEP.out
# tell what the files were.  One find compares all while make reads this.

MAKEFLAGS += -rR --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := all
.ONESHELL:
.DELETE_ON_ERROR:
.PHONY: all FORCE

# Not empty in the make that holds the lock of $(O), see lock.mk.
locked := $(filter $(abspath $(O)),$(KILN_LOCK))

ifeq ($(MAKELEVEL)$(locked),0)
processors := $(shell nproc)
# Over a fifo, which 4.4 would take, a make whose parent was killed waits for ever.
MAKEFLAGS += -j$(processors) $(if $(filter 4.0 4.1% 4.2% 4.3%,$(MAKE_VERSION)),,--jobserver-style=pipe)
endif

# Some of what builds is kept where only root's PATH leads, depmod for one.
export PATH := $(PATH):/usr/sbin:/sbin

# A '+' hands on make's job slots, but would run the line under -n, -q and -t; from
# a variable make 4.4 does not see it, and tells children that there are no slots.
flag = $(findstring $(1),$(firstword -$(MAKEFLAGS)))
dry := $(strip $(foreach f,n q t,$(call flag,$(f))))
plus := $(if $(dry),,+MAKEFLAGS="$${MAKEFLAGS/ --jobserver-auth=-2,-2}"; )

# Run text $(4) as step $(2) of recipe $(1), with stamp $(3).  The text goes to
# the shell on one line: from others make would take tabs, '-', '+' and '@'.
step = $(O)/host/step $(if $(filter 1,$(V)),-v) $(if $(call flag,s),-s) \
	$(1) $(2) $(3) $$'$(subst $(newline),\n,$(subst ',\',$(subst \,\\,$(4))))'
quote = '$(subst ','\'',$(1))'
define newline


endef

# Not empty when two texts differ.
differ = $(subst x$(1),,x$(2))$(subst x$(2),,x$(1))

# One word for each file, its name first, that changes when the file does; for
# a folder, those of all files in it.
look = find -H $(1) ! -type d -printf '%p:%s:%T@\n'

# The file that Kconfig touches when CONFIG_$(1) changes, for free text: make
# must not read that.
config = $(wildcard $(O)/include/config/$(1))

recipe = $(eval recipes += $(1))$(if $(2),$(eval all: $(1)))

# The rules of all recipes, once all are known.
rules = $(eval files := $(shell $(call look,/dev/null $(sort $(foreach r,$(recipes),$(foreach \
	s,$($(r)_steps),$($(r)_$(s)_in) $($(r)_$(s)_out))))) 2>/dev/null))$(foreach \
	r,$(recipes),$(eval .PHONY: $(r))$(eval before :=)$(foreach \
	s,$($(r)_steps),$(eval $(call rule,$(r),$(s),$(O)/$(r)/.$(s)))$(eval before := $(s))))

# What was changed goes first, or makefiles below would keep it; foo_STEP_before may refuse.
define rule
$(1): $(3)
$(3): $(call after,$(1),$(2)) $($(1)_$(2)_in) $(if $(call stale,$(1),$(2),$(3)),FORCE) | $(O)/host/step
	@$$(plus)$$($(1)_$(2)_before)$(call remove,$(filter-out $(subst *,%,$(outs)),$(call changed,$(3).out)))exec $$(call step,$(1),$(2),$$@,$$(call text,$(1),$(2),$$@))
endef

stamps = $(foreach s,$(or $($(1)_ends),$($(1)_steps)),$(O)/$(1)/.$(s))
after = $(filter-out %/.nothing,$(or $(patsubst %,$(O)/$(1)/.%,$(call steps_before,$(1),$(2))),$(foreach \
	n,$($(1)_needs),$(call stamps,$(n)))))
steps_before = $(if $(filter undefined,$(origin $(1)_$(2)_after)),$(before),$($(1)_$(2)_after))

# What bash does; it also notes what its files are, before and after.
text = $(if $(ins),$(call look,$(ins)) >$(3).in$(newline))$(if $(outs),echo $(outs) >>$(3).out$(newline))$($(1)_$(2))$(if \
	$(outs),$(newline)$(call look,$(outs)) >$(3).out)
ins = $(strip $(filter-out FORCE,$($(1)_$(2)_in)))
outs = $(strip $($(1)_$(2)_out))

changed = $(filter-out $(files),$(file <$(1)))
# In a copy of another $(O) stamps name what is not ours.
remove = $(if $(1),rm -rf $(foreach f,$(filter $(O)/% $(abspath $(O))/%,$(1)),$(firstword $(subst :, ,$(f)))); )
stale = $(wildcard $(3).new)$(call changed,$(3).in)$(call changed,$(3).out)$(call \
	differ,$(file <$(3)),$(call text,$(1),$(2),$(3)))
