# SPDX-License-Identifier: GPL-2.0-only
#
# What undoes, and help.  Only what was made here is removed, by name: O may be
# a folder that holds other things.

.PHONY: help clean distclean $(recipes:%=%-clean)

# A Debian root's files may be those of others.
remove_all = rm -rf $(1) 2>/dev/null || recipes/debian/as-root rm -rf $(1)

## RECIPE-clean: Remove $(O)/RECIPE alone
$(recipes:%=%-clean): %-clean:
	@$(call remove_all,$(O)/$*)

indexes := $(wildcard $(addprefix $(O)/,compile_commands.json tags cscope.*))

## clean: Remove what was built; the configuration and the programs for it stay
clean:
	@$(call remove_all,$(recipes:%=$(O)/%) $(indexes) $(O)/boot-chart $(O)/config-diff $(O)/run $(O)/ssh)

## distclean: Remove all that was made, downloads in $(O) and the configuration too
distclean:
	@$(call remove_all,$(recipes:%=$(O)/%) $(indexes) $(O)/boot-chart $(O)/config-diff $(O)/run $(O)/ssh $(O)/host $(O)/include $(O)/dl \
		$(O)/.config $(O)/.config.old $(O)/defconfig \
		$(recipes:%=$(O)/%.config) $(O)/.lock)
	rmdir $(O) 2>/dev/null || true

## help: List what can be made; help-NAME: tell more of one recipe
help:
	@recipes/help $(O)
help-%:
	@recipes/help $(O) $* $(foreach s,$($*_steps),$(s)= $($*_$(s)_out))
