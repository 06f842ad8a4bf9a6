# SPDX-License-Identifier: GPL-2.0-only
#
# config-diff - compares two labs, which it configures in $(O)/config-diff

$(call recipe,config-diff,)

.PHONY: config-diff

## config-diff: Compare the options of labs A= and B=: a folder, a file or a NAME of configs/
config-diff:
	@$(plus)src/commands/config-diff/config-diff $(O) \
		$(call quote,$(or $(A),default)) $(call quote,$(or $(B),$(O)))
