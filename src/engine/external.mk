# SPDX-License-Identifier: GPL-2.0-only
#
# Projects of the user: the folders named by EXTERNAL=, or else those stored in the menu
# (CONFIG_EXTERNAL).  Each may have a Kconfig, recipes/, devices/, configs/, kmod/, bpf/ and a
# linux.config, which are added to kiln's own.

# An empty EXTERNAL= on the command line removes all; an empty one in the environment is ignored.
external_is_typed := $(or $(filter command%,$(origin EXTERNAL)),$(and $(filter \
	environment%,$(origin EXTERNAL)),$(value EXTERNAL)))

# The stored value as a single word, read without starting another program.
external_config := $(if $(wildcard $(O)/.config),$(file <$(O)/.config))
external_line := $(filter CONFIG_EXTERNAL="%",$(subst $(newline), ,$(subst \
	$(space),|,$(external_config))))
external_kept := $(subst |, ,$(patsubst CONFIG_EXTERNAL="%",%,$(external_line)))
external_text := $(if $(external_is_typed),$(value EXTERNAL),$(external_kept))
external_name := $(if $(external_is_typed),,CONFIG_)EXTERNAL
external_odd := $(call odd_in,$(external_text))
external := $(if $(external_odd),,$(abspath $(external_text)))

# The files in these folders that match the patterns $(1).
external_files = $(foreach e,$(external),$(wildcard $(addprefix $(e)/,$(1))))

# The folders in them with such a file: recipes, devices, modules.
external_folders = $(patsubst %/,%,$(sort $(dir $(call external_files,$(1)))))
external_recipes := $(foreach f,$(call external_folders,recipes/*/*.mk),$(if $(wildcard \
	$(f)/$(notdir $(f)).mk),$(f)))
external_devices := $(call external_folders,devices/*/Kconfig)
external_modules := $(call external_folders,kmod/*/Kbuild kmod/*/Makefile)

# In a recipe of a project $(NAME_folder) is its folder.
$(foreach f,$(external_recipes),$(eval $(notdir $(f))_folder := $(f)))
