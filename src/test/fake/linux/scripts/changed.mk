# SPDX-License-Identifier: GPL-2.0-only
#
# $(call if_changed,NAME) runs cmd_NAME when a prerequisite is newer than the
# target, or when it is not the command that made the target.

slowly := $(srctree)/scripts/slowly

differ = $(subst x$(1),,x$(2))$(subst x$(2),,x$(1))
if_changed = $(if $(filter-out FORCE,$?)$(call differ,$(made_$@),$(strip $(cmd_$(1)))),\
	@mkdir -p $(@D); $(if $(filter %.o,$@),echo '  CC      $@';) set -e; \
	$(cmd_$(1)); $(after_$(1)) { \
	printf '%s\n' 'made_$@ := $(subst ','\'',$(subst $$,$$$$,$(strip $(cmd_$(1)))))'; \
	$(srctree)/scripts/fixdep $@; } >$(@D)/.$(@F).cmd; rm -f $@.d,@:)

# What is known of the targets $(1) that are there.
known = $(foreach m,$(wildcard $(1)),$(wildcard $(dir $(m)).$(notdir $(m)).cmd))
