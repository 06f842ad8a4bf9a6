# SPDX-License-Identifier: GPL-2.0-only
#
# Where the sources of a recipe are, by the menu: in the folder $(DL)/NAME, for
# which fetch_NAME says what to fetch.

# The distribution has a package with files in /usr/src, but where source_kind_$(1) is
# `source', a source package.
#
# The NAME for the options CONFIG_$(1)_*: $(2), when they ask for the package of
# this name or say nothing.  Releases are files $(3); those in $(4) are known.
source_name = $(or $(if $(call source_is_other,$(1),$(2)),$(call \
	source_asked,$(1),$(3) $(4) $(DL))),$(2))
source_is_other = $(if $(lab_goals),$(filter-out $(2),$(call source_choice,$(1))))
source_kind = $(if $(CONFIG_$(1)_RELEASE),release,$(if $(CONFIG_$(1)_GIT),git,$(call \
	source_kind_package,$(1))))
source_kind_package = $(or $(source_kind_$(1)),package)

# A package's name and suite, where make may read them.
source_choice = $(if $(filter package source,$(call source_kind,$(1))),$(call \
	source_package,$(1)),other)
source_package = $(if $(CONFIG_$(1)_PACKAGE),$(if $(filter \
	undefined,$(origin CONFIG_$(1)_PACKAGE_SUITE)),other,$(call source_in_suite,$(1))))
source_in_suite = $(or $(CONFIG_$(1)_PACKAGE_NAME),other)$(addprefix \
	-,$(CONFIG_$(1)_PACKAGE_SUITE))

# More than one word is the reason why there is none.
source_asked = $(call source_found,$(call source_kind,$(1)),$(shell $(call \
	source_menu,name,$(1),$(2))),$(call source_menu,what,$(1),$(2)))
source_menu = recipes/fetch/menu $(1) $(auto_conf) $(2) $(3)
source_found = $(if $(word 2,$(2)),$(call config_error,$(2)),$(call source_set,$(1),$(2),$(3)))
source_set = $(eval fetch_$(2) := $(1) "$$$$($(3))")$(2)

# The goal $(1)-update, where $(2) is not a tree of the user's own.
define source_update
.PHONY: $(1)-update
$(1)-update: $(2)
$(if $(filter $(1)-update,$(goals)),$(or $(2),$(call source_yours,$(1))): FORCE)
endef

source_yours = $(error $(1)-update: this tree is your own, update it yourself)

# Ends make where the search of the tree $(1) did not come to its end: nobody knows what
# changed there.
searched = $(if $(filter-out 0,$(.SHELLSTATUS)),$(error $(1)=$($(1)): the search for what \
	changed there did not end well))

# For a step that makes the .config of recipe $(1) anew: it shall not when somebody else
# wrote there.  What nobody can set may change, a version of a tool for one: $(2) FILE
# tells if what can be set is as in FILE.
define refuse_edited
	if [ -n "$$(src/engine/edited lines $($(1)_obj)/.config $(O)/$(1)/left)" ] &&
		! { $(2) $(O)/$(1)/left; } >/dev/null 2>&1; then
		src/engine/edited refuse $($(1)_obj)/.config $(O)/$(1)/left $(1)
	fi

endef
