# SPDX-License-Identifier: GPL-2.0-only
#
# fetch - sources in $(DL)/NAME, as fetch_NAME says.  Nothing is newer than what was
# fetched: it stays until its folder goes, or RECIPE-update asks for what is newer.

$(DL)/%/.fetched: | $(O)/host/step
	@$(call step,fetch,$*,$(O)/host/.fetch-$*, \
		recipes/fetch/fetch $(if $(filter FORCE,$^),-u) $(fetch_$*) $(DL)/$*)
