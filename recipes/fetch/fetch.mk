# SPDX-License-Identifier: GPL-2.0-only
#
# fetch - sources in $(DL)/NAME, from where fetch_NAME says.  A source is fetched once and stays
# until its folder is removed or RECIPE-update fetches a newer one.

$(DL)/%/.fetched: | $(O)/host/step
	@$(call step,fetch,$*,$(O)/host/.fetch-$*, \
		recipes/fetch/fetch $(if $(filter FORCE,$^),-u) $(fetch_$*) $(DL)/$*)
