# SPDX-License-Identifier: GPL-2.0-only
#
# The configuration: goals that write $(O)/.config, with the programs of the
# kernel's scripts/kconfig, and what make reads of it.

kconfig := $(O)/host/kconfig
kconfig_files := Kconfig $(wildcard recipes/*/Kconfig)

# Kconfig's programs take the settings of the lab from here alone: exported,
# they would reach the kernel's own configuration.
kconfig_run = cd $(O) && srctree=$(CURDIR) KCONFIG_CONFIG=$(or $(1),.config) host/kconfig/

# What Kconfig would drop without a word from the files $(1) stops us, named
# with the reason; what they ask for is then in $(kconfig)/asked.
kconfig_check = $(kconfig)/check -w Kconfig $(kconfig)/asked $(1)
kconfig_check_own = $(kconfig)/check -wk Kconfig $(kconfig)/asked $(O)/.config

# .config is not what the last make left: its text tells, for one that is put back has
# an early date.
ifneq ($(file <$(O)/.config),$(or $(file <$(O)/include/config/auto.mk.left),none))
config_edited := FORCE
endif

# An error in the configuration, unless it was changed since: then make reads it
# once more.
config_error = $(if $(wildcard $(O)/include/config/auto.mk),$(if $(config_edited)$(shell find $(kconfig_files) \
	recipes/config.mk -newer $(O)/include/config/auto.mk -print -quit 2>/dev/null),,$(error $(1))))

comma := ,
auto_conf := $(O)/include/config/auto.conf

# The files that the text of option $(1) names, as make can stand them.  Where such a
# file comes from, remedy_$(1) may tell.
config_files = $(if $(and $(lab_goals),$(wildcard $(auto_conf))),$(call plain_files,$(1),$(shell \
	recipes/config-value $(auto_conf) $(1))))
plain_files = $(if $(strip $(foreach c,$(odd_characters),$(findstring $(c),$(2)))),$(call config_error,CONFIG_$(1)=$(2): \
	make cannot stand this name of a file),$(foreach f,$(2),$(or $(wildcard $(f)),$(call config_error,CONFIG_$(1)=$(2): \
	there is no $(f)$(remedy_$(1))))))

ifneq ($(lab_goals),)

# What the user typed for us is not for the makes that the steps start.
MAKEOVERRIDES :=
unexport O DL V M T A B ARGS CMD FILE TO TIMEOUT FRESH GDB GDBARGS CORE NVIM EVENTS PARAMS WATCH JUNIT GOOD BAD \
	FRAGMENTS LINUX_DIR BUSYBOX_DIR BUILDROOT_DIR

# ccache finds an object of another output directory, and does not preprocess.
ccache = $(if $(CONFIG_HOST_CCACHE),ccache)
export CCACHE_DIR ?= $(abspath $(DL))/ccache
export CCACHE_NOHASHDIR := 1
export CCACHE_DEPEND := 1
export CCACHE_INODECACHE := 1

ifneq ($(dry),)
ifeq ($(wildcard $(O)/.config),)
$(error there is no $(O)/.config yet, and -$(dry) writes none: make defconfig does)
endif
ifneq ($(words $(wildcard $(kconfig)/conf $(kconfig)/check)),2)
$(error there is no $(kconfig)/conf or check yet, and -$(dry) builds none: make olddefconfig does)
endif
endif

include $(O)/include/config/auto.mk

# Free text stays out of auto.mk: make would expand it, or cut it at a '#'.
# Programs read it in auto.conf.  auto.mk is dated when conf starts, for Kconfig files
# may be edited while it runs; and not before files that a clock gone wrong dated
# in the future, for make would make it again without end.  conf does not notice a
# full disk and leaves an empty .config there, so we look first; and it completes a
# copy, for it would write what it has read over what was edited meanwhile.  The copy
# is exchanged with .config, and back if that was edited in the last moment.
$(O)/include/config/auto.mk: $(config_edited) $(kconfig_files) recipes/config.mk \
		| $(O)/.config $(kconfig)/conf $(kconfig)/check
	@mkdir -p $(@D)
	rm -f $@.left
	head -c 256K /dev/zero >$@.start || { rm $@.start; exit 1; }
	: >$@.start
	sleep 0.01
	for file in $(filter-out FORCE,$^); do if [ $$file -nt $@.start ]; then touch -r $$file $@.start; fi; done
	cp $(O)/.config $@.was
	$(kconfig_check_own)
	recipes/host/deps stop $(O) $(DL)
	cp $@.was $@.config
	$(call kconfig_run,include/config/auto.mk.config)conf -s --syncconfig Kconfig
	cd include/config
	cp $(@F).config $(@F).done
	if cmp -s $(@F).was ../../.config && ! cmp -s $(@F).was $(@F).config; then
		ln -f ../../.config ../../.config.old
		$(CURDIR)/recipes/exchange $(@F).config ../../.config
		cmp -s $(@F).was $(@F).config || $(CURDIR)/recipes/exchange $(@F).config ../../.config
	fi
	sed -n '/^CONFIG_[A-Z0-9_]*=[A-Za-z0-9_.+-]*$$/p' auto.conf >$(@F).new
	touch -r $(@F).start $(@F).new
	mv $(@F).new $(@F)
	mv $(@F).done $(@F).left
	rm -f $(@F).start $(@F).was $(@F).config*

$(O)/.config: | $(kconfig)/conf
	@echo '  kiln       $@ is new and holds the defaults (make menuconfig)'
	$(kconfig_run)conf --defconfig=$(CURDIR)/configs/default_defconfig Kconfig >/dev/null

else
# Plain goals take what there is, and make nothing for it.
-include $(wildcard $(O)/include/config/auto.mk)
endif

.PHONY: $(config_goals)

# Goals that read the configuration which there is.
old_config = $(if $(wildcard $(O)/.config),$(kconfig_check_own))

## menuconfig: Change the configuration in a menu (also nconfig, config)
menuconfig: $(kconfig)/mconf
nconfig: $(kconfig)/nconf
menuconfig nconfig: | $(kconfig)/check
	@$(old_config)
	$(kconfig_run)$(<F) Kconfig

## defconfig: Start again from the defaults; NAME_defconfig: from configs/; over it FRAGMENTS='FILE...'
defconfig $(filter %_defconfig,$(config_goals)): $(kconfig)/conf $(kconfig)/check
	@$(call kconfig_check,configs/$(patsubst defconfig,default_defconfig,$@) $(if $(FRAGMENTS),-- $(FRAGMENTS)))
	$(kconfig_run)conf --defconfig=host/kconfig/asked Kconfig

## savedefconfig: Write what differs from the defaults to $(O)/defconfig
savedefconfig: $(kconfig)/conf $(kconfig)/check
	@$(old_config)
	$(kconfig_run)conf --savedefconfig=defconfig Kconfig

## olddefconfig: Take the defaults for new symbols (also oldconfig, listnewconfig, helpnewconfig)
config oldconfig olddefconfig listnewconfig helpnewconfig: $(kconfig)/conf $(kconfig)/check
	@$(old_config)
	$(kconfig_run)conf --$(patsubst config,oldaskconfig,$@) Kconfig

## randconfig: Choose at random, from KCONFIG_SEED if given (also allnoconfig, allyesconfig)
randconfig allnoconfig allyesconfig: $(kconfig)/conf
	@$(kconfig_run)conf --$@ Kconfig
