# SPDX-License-Identifier: GPL-2.0-only
#
# docs - the manual as HTML, with all goals and all options of the menu: $(O)/docs/index.html

$(call recipe,docs,)

.PHONY: docs
docs:
	@src/commands/docs/docs $(call quote,$(O)/docs)
