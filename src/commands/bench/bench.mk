# SPDX-License-Identifier: GPL-2.0-only
#
# bench - measures how long the usual commands take on this machine

$(call recipe,bench,)

## bench: Measure the default lab: prints a table, writes $(O)/bench/result.json
bench:
	@$(plus)src/commands/bench/bench $(abspath $(O)) $(abspath $(DL))
