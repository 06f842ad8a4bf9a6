# SPDX-License-Identifier: GPL-2.0-only
#
# The configuration: goals that write $(O)/.config, by the programs of the kernel's
# scripts/kconfig, and the part of it that make reads.

kconfig := $(O)/host/kconfig

# For other goals lock.mk checks this.
ifneq ($(and $(filter $(config_goals),$(goals)),$(if $(dry),,y)),)
unusable := $(shell src/engine/unusable $(O))
ifneq ($(unusable),)
$(error $(unusable))
endif
endif

# Each device of the machine is a folder; there is no list of them.  auto.mk tells which are on,
# and which folder is the processor's.
devices_here := $(patsubst %/Kconfig,%,$(sort $(wildcard recipes/vm/devices/*/Kconfig)))
devices := $(devices_here) $(external_devices)
device_files = $(wildcard $(devices_on:%=%/$(1)))

kconfig_files := Kconfig $(wildcard recipes/*/Kconfig) $(devices_here:%=%/Kconfig) \
	$(external_kconfig)

# Kconfig's `source` takes no wildcards: these files have a line for each device's folder, and a
# menu for each of the user's projects.  They are made again when the list of folders changes as
# text: dates would not show a removed folder.  Lines of devices are not indented.
kconfig_found := $(kconfig)/found
kconfig_here := $(devices_here:%=source "%/Kconfig"$(newline))
define kconfig_menu
project := $(1)
menu "$(notdir $(1))"
$(patsubst %, source "%"$(newline),$(wildcard $(1)/Kconfig $(1)/recipes/*/Kconfig))
$(patsubst %,source "%"$(newline),$(wildcard $(1)/devices/*/Kconfig))
endmenu

endef
kconfig_projects := $(foreach e,$(external),$(if $(filter \
	$(e)/%,$(external_kconfig)),$(call kconfig_menu,$(e))))
kconfig_wanted := $(strip $(kconfig_here) $(kconfig_projects))
kconfig_there := $(if $(wildcard $(kconfig_found).projects),$(strip \
	$(file <$(kconfig_found)) $(file <$(kconfig_found).projects)))
ifneq ($(kconfig_there),$(kconfig_wanted))
$(kconfig_found): FORCE
config_edited := FORCE
endif
$(kconfig_found): | $(O)/host/step
	@mkdir -p $(@D)
	printf '%s\n' $(call quote,$(kconfig_projects)) >$@.projects
	printf '%s\n' $(call quote,$(kconfig_here)) >$@.new
	mv $@.new $@

# EXTERNAL= of this make is stored in .config.
ifneq ($(and $(external_is_typed),$(filter-out $(plain_goals),$(goals)),$(wildcard $(O)/.config)),)
ifneq ($(abspath $(external_kept)),$(external))
ifneq ($(dry),)
$(error the menu has CONFIG_EXTERNAL=$(external_kept), and -$(dry) writes no other there: make \
	olddefconfig does)
endif
$(shell src/engine/external keep $(O)/.config $(external))
endif
endif

# These settings are for the lab's own Kconfig programs: exported, they would also reach the
# kernel's configuration.
kconfig_env = KILN_FOUND=$(abspath $(kconfig_found)) KILN_EXTERNAL=$(call quote,$(external))
kconfig_run = cd $(O) && $(kconfig_env) srctree=$(CURDIR) KCONFIG_CONFIG=.config host/kconfig/

# Fails, with the reason, if Kconfig would silently drop a line of the files $(1); otherwise writes
# their options to $(kconfig)/asked.
kconfig_check = $(kconfig_env) $(kconfig)/check -w Kconfig $(kconfig)/asked $(1)
kconfig_check_own = src/engine/carry-over $(O)/.config; \
	$(kconfig_env) $(kconfig)/check -wk Kconfig $(kconfig)/asked $(O)/.config

# Was .config edited since the last make?  Compare its text: a restored file keeps its old date.
ifneq ($(call text_of,$(O)/.config),$(or $(call text_of,$(O)/include/config/auto.mk.left),none))
config_edited := FORCE
endif

auto_conf := $(O)/include/config/auto.conf
auto_mk := $(O)/include/config/auto.mk
auto_mk_in := $(kconfig_files) $(kconfig_found) src/engine/config.mk src/engine/sync-config

# Report an error in the configuration, unless that was changed since auto.mk was made: then make
# reads everything again.
config_error = $(if $(wildcard $(auto_mk)),$(if $(config_is_old),,$(error $(1))))
config_is_old = $(or $(config_edited),$(shell \
	find $(auto_mk_in) -newer $(auto_mk) -print -quit 2>/dev/null))

# The text of option $(1), and of one that has names, which make must be able to handle.  No program
# is started for an empty one.
config_text = $(if $(config_edited),,$(if $(call config_has,$(1)),$(shell \
	src/engine/config-value $(auto_conf) $(1))))
config_has = $(findstring CONFIG_$(1)=,$(subst CONFIG_$(1)=""$(newline),,$(auto_text)))
auto_text := $(file <$(auto_conf))
config_names = $(call names_of,$(1),$(call config_text,$(1)))
names_of = $(if $(call odd_in,$(2)),$(call odd_name,$(1),$(2)),$(2))
odd_name = $(call config_error,CONFIG_$(1)=$(2): make cannot handle this name; use only \
	letters$(comma) digits and . _ + - @)

# The files that option $(1) names, or with $(2) = `folder' the folders, with `any' both; an error
# if one is missing.  remedy_$(1) may say how to get it.
config_files = $(if $(lab_goals),$(call files_of,$(1),$(call config_text,$(1)),$(or $(2),file)))
files_of = $(foreach f,$(call names_of,$(1),$(2)),$(or \
	$(call $(3)_there,$(f)),$(call no_file,$(1),$(2),$(3),$(f))))
any_there = $(wildcard $(1))
folder_there = $(if $(wildcard $(1)/.),$(1))
file_there = $(if $(wildcard $(1)/.),,$(wildcard $(1)))
no_file = $(call config_error,CONFIG_$(1)=$(2): there is no $(strip $(3:any=) $(4))$(or \
	$(remedy_$(1)),; name another in the menu))

# Inputs of the steps that run a script which sources lib.sh.
shell_lib := src/engine/lib.sh src/engine/config-value
sandbox := src/engine/sandbox.sh

ifneq ($(lab_goals),)

# Variables for kiln must not reach the makes that the steps start.
MAKEOVERRIDES :=
unexport O DL $(goal_vars) LINUX_DIR BUSYBOX_DIR BUILDROOT_DIR QEMU_DIR EXTERNAL

# Nor may Kconfig's variables change how those are configured.
$(foreach v,$(call from_environment,KCONFIG_%),$(eval undefine $(v)))

ifneq ($(dry),)
ifeq ($(wildcard $(O)/.config),)
$(error there is no $(O)/.config yet, and -$(dry) writes none: run make defconfig first)
endif
ifneq ($(words $(wildcard $(kconfig)/conf $(kconfig)/check)),2)
$(error there is no $(kconfig)/conf or check yet, and -$(dry) \
	builds none: run make olddefconfig first)
endif
endif

include $(auto_mk)

# Forget the values of the previous .config: one that make cannot handle would stop it before
# auto.mk is made and everything is read again.
ifneq ($(config_edited),)
$(foreach v,$(filter CONFIG_%,$(.VARIABLES)),$(eval undefine $(v)))
devices_on :=
processor_folder :=
endif

# auto.mk has no free text; programs read that in auto.conf.
$(auto_mk): $(config_edited) $(auto_mk_in) | $(O)/.config $(kconfig)/conf $(kconfig)/check
	@$(kconfig_env) src/engine/sync-config $(O) $(DL) $(filter-out FORCE,$^)

$(O)/.config: | $(kconfig)/conf $(kconfig_found)
	@echo '  kiln       $@ is new and holds the defaults (make menuconfig)'
	$(kconfig_run)conf --defconfig=$(CURDIR)/configs/default_defconfig Kconfig >/dev/null

else
# Plain goals use an existing auto.mk, and do not make one.
-include $(wildcard $(auto_mk))
endif

.PHONY: $(config_goals)

kconfig_ready := $(kconfig)/conf $(kconfig)/check $(kconfig_found)

# For goals that read the existing configuration.
old_config = $(if $(wildcard $(O)/.config),$(kconfig_check_own))

## menuconfig: Change the configuration in a menu (also nconfig, config)
menuconfig: $(kconfig)/mconf
nconfig: $(kconfig)/nconf
menuconfig nconfig: | $(kconfig)/check $(kconfig_found)
	@$(old_config)
	$(kconfig_run)$(<F) Kconfig

fragments = $(if $(FRAGMENTS),-- $(FRAGMENTS))

config_named = $(firstword $(wildcard configs/$(1)) $(call external_files,configs/$(1)) \
	configs/default_defconfig)

## defconfig: Start again from the defaults; NAME_defconfig: from configs/; FRAGMENTS='FILE...'
defconfig $(filter %_defconfig,$(config_goals)): $(kconfig_ready)
	@$(call kconfig_check,$(call config_named,$@) $(fragments))
	$(kconfig_run)conf --defconfig=host/kconfig/asked Kconfig

## savedefconfig: Write the options that differ from the defaults to $(O)/defconfig
savedefconfig: $(kconfig_ready)
	@$(old_config)
	$(kconfig_run)conf --savedefconfig=defconfig Kconfig

## olddefconfig: Take the defaults for new symbols (also oldconfig, listnewconfig, helpnewconfig)
config oldconfig olddefconfig listnewconfig helpnewconfig: $(kconfig_ready)
	@$(old_config)
	$(kconfig_run)conf --$(patsubst config,oldaskconfig,$@) Kconfig

## randconfig: Choose options at random, by KCONFIG_SEED if given (also allnoconfig, allyesconfig)
randconfig allnoconfig allyesconfig: $(kconfig)/conf $(kconfig_found)
	@$(kconfig_run)conf --$@ Kconfig
