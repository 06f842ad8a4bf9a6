# SPDX-License-Identifier: GPL-2.0-only
#
# The source of a recipe, by the menu: in the folder $(DL)/NAME; fetch_NAME says what to fetch.

# The NAME for the options CONFIG_$(1)_*: $(2) if they name the package of this name, or nothing.
# Releases are files $(3); those in $(4) have known checksums.
source_name = $(or $(if $(call source_is_other,$(1),$(2)),$(call \
	source_asked,$(1),$(3) $(4) $(DL))),$(2))
source_is_other = $(if $(lab_goals),$(filter-out $(2),$(if $(CONFIG_$(1)_PACKAGE),$(call \
	source_package,$(1)),$(CONFIG_$(1)_RELEASE)$(CONFIG_$(1)_GIT))))

# A package's name and suite, if make can handle them.
source_package = $(or $(CONFIG_$(1)_PACKAGE_NAME),other)$(if $(filter \
	undefined,$(origin CONFIG_$(1)_PACKAGE_SUITE)),-other,$(CONFIG_$(1)_PACKAGE_SUITE:%=-%))

# The package of the distribution is one with files in /usr/src or, if source_kind_$(1) is
# `source', a source package.
source_kind = $(if $(CONFIG_$(1)_RELEASE),release,$(if $(CONFIG_$(1)_GIT),git,$(or \
	$(source_kind_$(1)),package)))

# If it is more than one word it is an error message.
source_asked = $(call source_found,$(call source_kind,$(1)),$(shell $(call \
	source_menu,name,$(1),$(2))),$(call source_menu,what,$(1),$(2)))
source_menu = recipes/fetch/menu $(1) $(auto_conf) $(2) $(3)
source_found = $(if $(word 2,$(2)),$(call config_error,$(2)),$(call source_set,$(1),$(2),$(3)))
source_set = $(eval fetch_$(2) := $(1) "$$$$($(3))")$(2)

# The goal $(1)-update, unless $(2) is the user's own tree.
define source_update
.PHONY: $(1)-update
$(1)-update: $(2)
$(if $(filter $(1)-update,$(goals)),$(or $(2),$(call source_yours,$(1))): FORCE)
endef

source_yours = $(error $(1)-update: this tree is your own, update it yourself)

# Ends make if the search of the tree $(1) failed, because nobody knows what changed there.
searched = $(if $(filter-out 0,$(.SHELLSTATUS)),$(error $(1)=$($(1)): the search for what \
	changed there did not end well))

# For a step that writes the .config of recipe $(1): it must not overwrite somebody else's changes.
# Options that nobody can set may change, such as the version of a tool: $(2) FILE tells if all
# options that can be set are as in FILE.
define refuse_edited
	if [ -n "$$(src/engine/edited lines $($(1)_obj)/.config $(O)/$(1)/left)" ] &&
		! { $(2) $(O)/$(1)/left; } >/dev/null 2>&1; then
		src/engine/edited refuse $($(1)_obj)/.config $(O)/$(1)/left $(1)
	fi

endef
