# SPDX-License-Identifier: GPL-2.0-only
#
# busybox - the programs of the root: one static file, $(busybox_program), and in
# $(busybox_links) the paths of the links to it

fetch_busybox := source busybox
busybox_tree := $(if $(BUSYBOX_DIR),$(or $(realpath $(BUSYBOX_DIR)),$(BUSYBOX_DIR)))
busybox_release := busybox-$(CONFIG_BUSYBOX_RELEASE_VERSION).tar.bz2
busybox_name = $(call source_name,BUSYBOX,busybox,$(busybox_release),recipes/busybox/busybox.hash)
busybox_src := $(or $(busybox_tree),$(DL)/$(busybox_name))
busybox_fetched := $(if $(BUSYBOX_DIR),,$(busybox_src)/.fetched)
busybox_obj := $(abspath $(O))/busybox/build

## BUSYBOX_DIR=: Your own busybox tree, which is read and never written to
# Every make searches the user's own tree for changes.  busybox declares its options in .c
# files, so any change may change the configuration.
ifneq ($(and $(BUSYBOX_DIR),$(lab_goals)),)
ifeq ($(wildcard $(busybox_src)/Config.in),)
$(error BUSYBOX_DIR=$(BUSYBOX_DIR): there is no busybox source)
endif
ifneq ($(wildcard $(addprefix $(busybox_src)/,.config include/config include/autoconf.h)),)
$(error BUSYBOX_DIR=$(BUSYBOX_DIR) was built in place, so it cannot be built \
	elsewhere; make -C $(busybox_src) mrproper takes what was built there away)
endif
busybox_changed := $(shell src/engine/changed '$(if $(dry),,$(O)/busybox/changed)' \
	$(O)/host/newer $(busybox_src) $(abspath $(O)) $(busybox_obj)/.trusted | sed -n 1p)
$(call searched,BUSYBOX_DIR)
endif

busybox_from := $(O)/busybox/$(if $(CONFIG_BUSYBOX_HOST),host,build)
busybox_program := $(busybox_from)/busybox
busybox_links := $(busybox_from)/busybox.links

# The user's own fragment, which busybox-menuconfig writes, has the last word.
busybox_asked := recipes/busybox/busybox.config $(addprefix -- ,$(wildcard $(O)/busybox.config))
busybox_fragments := $(filter-out --,$(busybox_asked))
busybox_ask = srctree=$(abspath $(busybox_src)) $(kconfig)/$(1) -C $(O)/busybox/menu
busybox_check_own := $(call busybox_ask,check) -k Config.in $(busybox_obj)/.config

# Linked with musl: each start of a program costs half of what it does with
# glibc, and names are looked up without files that a static program lacks.
busybox_cc := $(strip $(ccache) $(processor_musl)) $(processor_include)

# Without date the same source gives the same bits.  The menu's search for
# ncurses compiles a main() without a type, an error since gcc 14.
busybox_make := $(toolchain_make) -C $(busybox_src) O=$(busybox_obj) KCONFIG_NOTIMESTAMP=1 \
	$(addprefix CROSS_COMPILE=,$(processor_cross)) \
	HOSTCC='$(strip $(ccache) gcc) -Wno-error=implicit-int' CC='$(busybox_cc)'
busybox_tools := $(call toolchain_versions,$(call quote,$(processor_cross)gcc) $(processor_cross)ld)

# Takes out of $(busybox_obj) what the makefiles there would keep in error.
busybox_distrust := src/engine/distrust $(busybox_obj) $(busybox_src) $(busybox_tools) \
	$(if $(BUSYBOX_DIR),$(O)/busybox/changed)

busybox_needs := $(processor_needs)
busybox_steps := $(if $(CONFIG_BUSYBOX_HOST),host,configure build)

busybox_configure_in := $(toolchain) $(busybox_fetched) $(busybox_fragments) \
	$(kconfig)/check recipes/busybox/menu src/engine/distrust \
	$(if $(busybox_changed),FORCE)
busybox_configure_out := $(busybox_obj)/.config
busybox_configure_before = $(call refuse_edited,busybox,$(busybox_check_own))
define busybox_configure
	$(busybox_distrust)
	$(busybox_make) gen_build_files
	recipes/busybox/menu $(busybox_src) $(busybox_obj) $(O)/busybox/menu
	rm -f $(O)/busybox/left
	$(call busybox_ask,check) -w Config.in $(busybox_obj)/.config $(busybox_asked)
	$(busybox_make) oldconfig < <(yes '')
	src/engine/edited note $(busybox_obj)/.config $(O)/busybox/left
	$(call busybox_ask,check) Config.in $(busybox_obj)/.config $(busybox_asked)
endef

busybox_build_in := $(toolchain) src/engine/distrust
busybox_build_out := $(busybox_program) $(busybox_links)
## busybox: Build the programs of the root
define busybox_build
	$(busybox_distrust)
	$(busybox_make) busybox busybox.links
endef

busybox_host_in := recipes/busybox/host $(shell_lib)
busybox_host_out := $(busybox_program) $(busybox_links)
define busybox_host
	# $(if $(CONFIG_BUSYBOX_HOST),$(shell /bin/busybox 2>/dev/null | sed q))
	recipes/busybox/host /bin/busybox $(O)/busybox/host
endef

$(call recipe,busybox,$(CONFIG_ROOTFS_INITRAMFS))

$(if $(BUSYBOX_DIR),$(O)/busybox/.configure: | $(O)/host/newer)

$(eval $(call source_update,busybox,$(busybox_fetched)))

.PHONY: busybox-menuconfig busybox-savedefconfig

busybox_keep = $(call busybox_ask,keep) Config.in $(busybox_obj)/.config $(O)/busybox.config \
	$(busybox_asked); \
	src/engine/edited note $(busybox_obj)/.config $(O)/busybox/left

## busybox-menuconfig: Choose the root's programs, $(O)/busybox.config (also busybox-savedefconfig)
busybox-menuconfig: $(O)/busybox/.configure | $(kconfig)/keep
	@$(plus)$(busybox_make) menuconfig
	$(busybox_keep)

# busybox's Kconfig has no savedefconfig; the kept lines are minimal already.
ifneq ($(filter busybox-savedefconfig,$(goals)),)
busybox_edited := $(shell src/engine/edited lines $(busybox_obj)/.config $(O)/busybox/left)
endif

# Also keeps changes made in $(O)/busybox/build/.config.
busybox-savedefconfig: $(if $(busybox_edited),,$(O)/busybox/.configure) | $(kconfig)/keep
	@$(if $(busybox_edited),$(busybox_check_own) $(busybox_obj)/.config; $(busybox_keep))
	echo 'what differs from the defaults is in recipes/busybox/busybox.config' \
		'and $(O)/busybox.config'
