# SPDX-License-Identifier: GPL-2.0-only
#
# kiln - a laboratory for Linux kernel development; `make help` lists the goals.

O := out
DL := out/dl

include recipes/paths.mk recipes/core.mk recipes/goals.mk

ifneq ($(and $(word 2,$(goals)),$(filter-out $(lab_goals),$(goals))),)

# Goals of different kinds: one after the other, each in a make of its own.
.PHONY: $(goals) one-by-one
$(goals): one-by-one ; @:
one-by-one:
	@$(plus)for goal in $(goals); do $(MAKE) $$goal; done

else ifeq ($(filter-out $(machine_goals),$(goals))$(filter $(build_goals),$(goals)),)

include recipes/machine.mk

else ifneq ($(and $(lock_goals),$(if $(dry)$(locked),,y)),)

include recipes/lock.mk

else

include recipes/config.mk recipes/source.mk recipes/toolchain/toolchain.mk \
	$(filter-out %/toolchain.mk,$(sort $(wildcard recipes/*/*.mk))) \
	recipes/configure.mk recipes/clean.mk recipes/check.mk
before_machine := $(call built,vm)
include recipes/machine.mk
$(eval $(call rules,$(recipes)))

endif
