# SPDX-License-Identifier: GPL-2.0-only
#
# Turns the steps of a recipe into rules.
#
# recipes/foo/foo.mk lists its steps in foo_steps, defines one macro foo_STEP
# for each, with what bash shall do, and ends with $(call recipe,foo,ON): when
# ON is not empty, foo is part of `make all`.  A step runs again when
#
#   - a step before it ran: those in foo_STEP_after, else the one listed before
#     it, else all steps of the recipes in foo_needs;
#   - a file in foo_STEP_in is newer than the last start of the step;
#   - a file in foo_STEP_out, its products, is missing;
#   - its text is not what it was: an option in it changed, or the recipe.
#
# The text is kept in $(O)/foo/.STEP, the stamp, which is dated at the step's
# start and appears at its end.  Texts are compared while make reads this, so
# that -n, -q and a make with nothing to do run no program for it.

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
MAKEFLAGS += -j$(shell nproc)
endif

# Some of what builds is kept where only root's PATH leads, depmod for one.
export PATH := $(PATH):/usr/sbin:/sbin

# The kernel's makefiles cannot stand these.
ifneq ($(words $(O) $(or $(DL),-) $(CURDIR)),3)
$(error a space in O=$(O), DL=$(DL) or $(CURDIR): the kernel cannot be built there)
endif

# A '+' hands a step make's job slots, but would run it under -n, -q and -t.
flag = $(findstring $(1),$(firstword -$(MAKEFLAGS)))
dry := $(strip $(foreach f,n q t,$(call flag,$(f))))
plus := $(if $(dry),,+)

# Run text $(4) as step $(2) of recipe $(1), with stamp $(3).  The text goes to
# the shell on one line: from others make would take tabs, '-', '+' and '@'.
step = $(O)/host/step $(if $(filter 1,$(V)),-v) $(if $(call flag,s),-s) \
	$(1) $(2) $(3) $$'$(subst $(newline),\n,$(subst ',\',$(subst \,\\,$(4))))'
quote = '$(subst ','\'',$(1))'
define newline


endef

# Not empty when two texts differ.
differ = $(subst x$(1),,x$(2))$(subst x$(2),,x$(1))

# The file that Kconfig touches when CONFIG_$(1) changes, for free text: make
# must not read that.
config = $(wildcard $(O)/include/config/$(1))

recipe = $(eval recipes += $(1))$(if $(2),$(eval all: $(1)))

# The rules of all recipes, once all are known.
rules = $(foreach r,$(recipes),$(eval .PHONY: $(r))$(eval before :=)$(foreach \
	s,$($(r)_steps),$(eval $(call rule,$(r),$(s)))$(eval before := $(s))))

define rule
$(1): $(O)/$(1)/.$(2)
$(O)/$(1)/.$(2): $(call after,$(1),$(2)) $($(1)_$(2)_in) \
		$(if $(call stale,$(1),$(2)),FORCE) | $(O)/host/step
	@$$(plus)$$(call step,$(1),$(2),$$@,$$($(1)_$(2)))
endef

stamps = $(foreach s,$($(1)_steps),$(O)/$(1)/.$(s))
after = $(or $(patsubst %,$(O)/$(1)/.%,$(call steps_before,$(1),$(2))),$(foreach \
	n,$($(1)_needs),$(call stamps,$(n))))
steps_before = $(if $(filter undefined,$(origin $(1)_$(2)_after)),$(before),$($(1)_$(2)_after))
stale = $(call differ,$(file <$(O)/$(1)/.$(2)),$($(1)_$(2)))$(filter-out \
	$(wildcard $($(1)_$(2)_out)),$($(1)_$(2)_out))
