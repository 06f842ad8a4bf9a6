# SPDX-License-Identifier: GPL-2.0-only
#
# Projects of the user's own: the folders that EXTERNAL= names, or else those that the menu
# remembers (CONFIG_EXTERNAL).  Each may have a Kconfig, recipes/, devices/, configs/, kmod/,
# bpf/ and a linux.config; what is there joins what is here.

# An empty one on the command line means none; an empty one in the environment means nothing.
external_is_typed := $(or $(filter command%,$(origin EXTERNAL)),$(and $(filter \
	environment%,$(origin EXTERNAL)),$(value EXTERNAL)))

# What the menu remembers, as a word without blanks: no other program is to be asked for it.
external_config := $(if $(wildcard $(O)/.config),$(file <$(O)/.config))
external_line := $(filter CONFIG_EXTERNAL="%",$(subst $(newline), ,$(subst \
	$(space),|,$(external_config))))
external_kept := $(subst |, ,$(patsubst CONFIG_EXTERNAL="%",%,$(external_line)))
external_text := $(if $(external_is_typed),$(value EXTERNAL),$(external_kept))
external_name := $(if $(external_is_typed),,CONFIG_)EXTERNAL
external_odd := $(call odd_in,$(external_text))
external := $(if $(external_odd),,$(abspath $(external_text)))

# The files in these folders that the patterns $(1) fit.
external_files = $(foreach e,$(external),$(wildcard $(addprefix $(e)/,$(1))))

# Those of folders there, without the file's name: recipes, devices, modules.
external_folders = $(patsubst %/,%,$(sort $(dir $(call external_files,$(1)))))
external_recipes := $(foreach f,$(call external_folders,recipes/*/*.mk),$(if $(wildcard \
	$(f)/$(notdir $(f)).mk),$(f)))
external_devices := $(call external_folders,devices/*/Kconfig)
external_modules := $(call external_folders,kmod/*/Kbuild kmod/*/Makefile)

# A recipe there says $(NAME_folder) for where it is.
$(foreach f,$(external_recipes),$(eval $(notdir $(f))_folder := $(f)))
