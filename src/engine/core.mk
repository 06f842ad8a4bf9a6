# SPDX-License-Identifier: GPL-2.0-only
#
# Turns the steps of a recipe into rules.
#
# recipes/foo/foo.mk lists its steps in foo_steps, defines a macro foo_STEP for each, with the
# commands for bash, and ends with $(call recipe,foo,ON): if ON is not empty, foo is part of
# `make all`.  A step runs again if
#
#   - a step before it ran: those in foo_STEP_after (or "nothing"), else the one
#     listed before it, else all steps of the recipes in foo_needs, or their foo_ends;
#   - a file in foo_STEP_in is newer than the last start of the step, or its date or
#     size changed: an older file may have replaced it;
#   - a product, a file in foo_STEP_out, changed since, or is gone; a name with one *
#     stands for all files that match when the step has run;
#   - its text changed: an option in it, or the recipe;
#   - it did not complete the last time.
#
# $(O)/host/step decides which steps run again, see steps.mk.

MAKEFLAGS += -rR --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := all
# With only these flags make starts no shell for the command `:'.
itself := -c
.ONESHELL:
.DELETE_ON_ERROR:
.PHONY: all FORCE

# Not empty in the make that holds the lock of $(O), see lock.mk.
locked := $(filter $(abspath $(O)),$(KILN_LOCK))

# With JSON=1: `untold' in the first make, `told' in the one that it starts, see json.mk.
json := $(if $(filter command,$(origin JSON)),$(if $(filter 1,$(JSON)),$(if \
	$(KILN_TOLD)$(locked),told,untold)))
unexport KILN_TOLD

ifeq ($(MAKELEVEL)$(locked)$(filter told,$(json)),0)
processors := $(shell nproc)
# make 4.4 defaults to a fifo; a sub-make whose parent was killed then hangs.
jobserver := $(if $(filter 4.0 4.1% 4.2% 4.3%,$(MAKE_VERSION)),,--jobserver-style=pipe)
MAKEFLAGS += -j$(processors) $(jobserver)
endif

# Some build tools, such as depmod, are only in root's PATH.
export PATH := $(PATH):/usr/sbin:/sbin

# A '+' passes the job slots on, but would also run the line under -n, -q and -t.  make 4.4 does
# not see a '+' that comes from a variable, and tells sub-makes that there are no slots.
flag = $(findstring $(1),$(firstword -$(MAKEFLAGS)))
dry := $(strip $(foreach f,n q t,$(call flag,$(f))))
ifneq ($(filter t,$(dry)),)
$(error make -t is not supported: it would mark steps as done that did not run)
endif
plus := $(if $(dry),,+MAKEFLAGS="$${MAKEFLAGS/ --jobserver-auth=-2,-2}"; )

# Run text $(4) as step $(2) of recipe $(1), with stamp $(3).  The text is passed in a file: a
# word of a shell command is limited to 128 KiB.  -n prints it.
step = $(if $(dry),$(4),$(call step_write,$(3),$(4))exec $(step_run) $(1) $(2) $(3))
step_write = $(call step_folder,$(dir $(1)))$(file >$(1).next,$(2))
step_folder = $(if $(wildcard $(1).),,$(shell mkdir -p $(1)))
step_run = $(O)/host/step $(if $(filter 1,$(V)),-v) $(if $(call flag,s),-s)
quote = '$(subst ','\'',$(1))'
define newline


endef
space := $(subst ,, )
comma := ,

# The text of the file $(1) without the newline at its end, which make 4.3 removes itself unless
# it has to get more memory for the text.
text_of = $(subst $(end),,$(subst $(newline)$(end),,$(file <$(1))$(end)))
end := <end>

# FORCE if the file $(1) does not contain the text $(2).
unlike = $(if $(call differ,$(call text_of,$(1)),$(2)),FORCE)
differ = $(subst x$(1),,x$(2))$(subst x$(2),,x$(1))

# The file that Kconfig touches when CONFIG_$(1) changes; for options with free text, which make
# must not read.
config = $(wildcard $(O)/include/config/$(1))
# Those of the options CONFIG_$(1)_NAME, for each NAME in $(2).
configs = $(foreach name,$(2),$(call config,$(1)_$(name)))

recipe = $(eval recipes += $(1))$(if $(2),$(eval recipes_on += $(1))$(eval all: $(1)))

# The stamps of steps $(2) of recipe $(1); and those that step $(2) comes after.
stamps = $(2:%=$(O)/$(1)/.%)
after = $(filter-out %/.nothing,$(or $(call stamps,$(1),$(call steps_before,$(1),$(2))),$(call \
	stamps_needed,$(1))))
stamps_needed = $(foreach n,$($(1)_needs),$(call stamps,$(n),$(or $($(n)_ends),$($(n)_steps))))
steps_before = $(if $(filter undefined,$(origin $(1)_$(2)_after)),$(call \
	word_before,$(2),$($(1)_steps)),$($(1)_$(2)_after))

# The word before $(1) in $(2): for a b c, it is in one of the pairs -:a a:b b:c.
word_before = $(filter-out -,$(patsubst %:$(1),%,$(filter %:$(1),$(call pairs,$(2)))))
pairs = $(join - $(1),$(1:%=:%))
