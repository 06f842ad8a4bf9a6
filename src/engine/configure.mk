# SPDX-License-Identifier: GPL-2.0-only
#
# The configurations that are derived from the lab's.

.PHONY: configure config-diff

## configure: Configure everything, build nothing
configured := $(foreach r,$(recipes),$(if $(filter configure,$($(r)_steps)),$(r)))
configure: $(configured:%=$(O)/%/.configure)

## config-diff: Compare the options of labs A= and B=: a folder, a file or a NAME of configs/
config-diff:
	@$(plus)src/engine/config-diff $(O) \
		$(call quote,$(or $(A),default)) $(call quote,$(or $(B),$(O)))
