# SPDX-License-Identifier: GPL-2.0-only
#
# bench - how long things take here

$(call recipe,bench,)

## bench: Measure the default lab: table here, JSON in $(O)/bench/result.json
bench:
	@$(plus)src/commands/bench/bench $(abspath $(O)) $(abspath $(DL))
