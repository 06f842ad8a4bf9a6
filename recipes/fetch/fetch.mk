# SPDX-License-Identifier: GPL-2.0-only
#
# fetch - $(DL)/NAME from the distribution's package NAME, which holds a tarball
# or, where a recipe says fetch_NAME := source, is a source package.  Nothing is
# newer than what was fetched: the version stays until its folder goes.

$(DL)/%/.fetched: | $(O)/host/step
	@$(call step,fetch,$*,$(O)/host/.fetch-$*,recipes/fetch/fetch $(or $(fetch_$*),package) $* $(DL)/$*)
