# SPDX-License-Identifier: GPL-2.0-only
#
# What undoes, and help.  Only what was made here is removed, by name: O may be
# a folder that holds other things.

.PHONY: help clean distclean $(recipes:%=%-clean)

## RECIPE-clean: Remove $(O)/RECIPE alone
$(recipes:%=%-clean): %-clean:
	@rm -rf $(O)/$*

## clean: Remove what was built; the configuration and the programs for it stay
clean:
	@rm -rf $(recipes:%=$(O)/%) $(O)/config-diff $(O)/run

## distclean: Remove all that was made, downloads in $(O) and the configuration too
distclean:
	@rm -rf $(recipes:%=$(O)/%) $(O)/config-diff $(O)/run $(O)/host $(O)/include $(O)/dl \
		$(O)/.config $(O)/.config.old $(O)/defconfig \
		$(recipes:%=$(O)/%.config) $(O)/.lock
	rmdir $(O) 2>/dev/null || true

## help: List what can be made
help:
	@echo 'make [GOAL] [O=dir] [V=1]   (-j, -n, -k and -s as ever)'
	sed -n 's/^## \(all\|[^:]*\): /  \1\t/p' recipes/*.mk recipes/*/*.mk | expand -t 24
