# SPDX-License-Identifier: GPL-2.0-only
#
# kiln - a laboratory for Linux kernel development; `make help` lists the goals.

O := out
DL := out/dl

include src/engine/paths.mk src/engine/core.mk

ifeq ($(json),untold)

include src/engine/json.mk

else

include src/engine/environment.mk src/engine/external.mk src/engine/goals.mk

ifneq ($(and $(word 2,$(goals)),$(filter-out $(lab_goals),$(goals))),)

# Goals of different kinds run one after the other, each in a make of its own, without a shell
# in between, so that a signal to this make also ends the other one.
define turn
turn-$(words $(turns)): $(lastword $(turns)) ; @$$(plus)exec $$(MAKE) $(1)
turns += turn-$(words $(turns))
endef
$(foreach g,$(goals),$(eval $(call turn,$(g))))
.PHONY: $(goals) $(turns)
$(goals): $(lastword $(turns)) ; @:

else ifeq ($(filter-out $(machine_goals),$(goals))$(filter $(build_goals),$(goals)),)

# Nothing is built for these: no lock, no configuration.
include src/engine/machine.mk

else ifneq ($(and $(lock_goals),$(if $(dry)$(locked),,y)),)

# A second make builds, under the lock; then this one runs the machine.
include src/engine/lock.mk

else

include src/engine/config.mk $(if $(lab_goals),src/engine/cache.mk) src/engine/source.mk

# All other recipes may read these two.
read_first := recipes/processor/processor.mk recipes/toolchain/toolchain.mk
include $(read_first) $(filter-out $(read_first),$(sort \
	$(wildcard recipes/*/*.mk src/commands/*/*.mk))) \
	$(foreach f,$(external_recipes),$(f)/$(notdir $(f)).mk)

include src/engine/clean.mk src/engine/check.mk
before_machine := $(call built,vm)
include src/engine/machine.mk
ifneq ($(lab_goals),)
include src/engine/steps.mk
endif

endif

endif
