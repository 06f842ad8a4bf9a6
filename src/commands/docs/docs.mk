# SPDX-License-Identifier: GPL-2.0-only
#
# docs - the manual as HTML, with the goals and the menu's options in it: $(O)/docs/index.html

$(call recipe,docs,)

.PHONY: docs
docs:
	@src/commands/docs/docs $(call quote,$(O)/docs)
