# SPDX-License-Identifier: GPL-2.0-only
#
# The configurations that follow from that of the lab.

.PHONY: configure config-diff

## configure: Configure all that is built, and build nothing
configure: $(foreach r,$(recipes),$(if $(filter configure,$($(r)_steps)),$(O)/$(r)/.configure))

## config-diff: Compare two labs, A= and B=, with their kernels: a folder, a file or a NAME of configs/
config-diff:
	@$(plus)recipes/config-diff $(O) $(call quote,$(or $(A),default)) $(call quote,$(or $(B),$(O)))
