# SPDX-License-Identifier: GPL-2.0-only
#
# buildroot - a root built by the user's Buildroot tree in $(O)/buildroot/build, which is
# Buildroot's O=

## BUILDROOT_DIR=: Your own Buildroot tree, which is read and never written to
buildroot_tree := $(if $(BUILDROOT_DIR),$(or $(realpath $(BUILDROOT_DIR)),$(BUILDROOT_DIR)))
buildroot_obj := $(abspath $(O))/buildroot/build
ifneq ($(CONFIG_ROOTFS_BUILDROOT),)
buildroot_format := $(if $(CONFIG_BUILDROOT_CPIO),cpio,ext2)
buildroot_fragments := recipes/buildroot/$(buildroot_format).config \
	$(call config_files,BUILDROOT_FRAGMENTS)
buildroot_image := $(O)/buildroot/build/images/rootfs.$(buildroot_format)
endif

# Its packages count on make's own rules, and it starts as many jobs as it likes.
buildroot_make = env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C $(buildroot_tree) \
	O=$(buildroot_obj) BR2_DL_DIR=$(abspath $(DL))/buildroot

ifneq ($(and $(CONFIG_ROOTFS_BUILDROOT),$(filter-out module,$(lab_goals))),)
ifeq ($(BUILDROOT_DIR),)
$(call config_error,BUILDROOT_DIR=: it names the Buildroot tree that makes the root \
	(ROOTFS_BUILDROOT))
else ifeq ($(wildcard $(buildroot_tree)/Makefile),)
$(call config_error,BUILDROOT_DIR=$(BUILDROOT_DIR): there is no Buildroot)
endif
buildroot_changed := $(shell $(O)/host/newer $(O)/buildroot/.build \
	$(buildroot_tree) $(abspath $(O)) 2>/dev/null || echo all)
endif

buildroot_steps := $(if $(CONFIG_ROOTFS_BUILDROOT),configure build)

buildroot_configure_in := recipes/buildroot/configure $(shell_lib) $(buildroot_fragments) \
	$(call config,BUILDROOT_DEFCONFIG)
buildroot_configure_out := $(O)/buildroot/build/.config
define buildroot_configure
	recipes/buildroot/configure $(auto_conf) $(buildroot_obj) $(buildroot_fragments) -- \
		$(buildroot_make)
endef

buildroot_build_in := $(if $(buildroot_changed),FORCE)
buildroot_build_out := $(buildroot_image)
## buildroot: Make the root with Buildroot, if it is chosen in the menu
define buildroot_build
	$(buildroot_make)
endef

$(call recipe,buildroot,$(CONFIG_ROOTFS_BUILDROOT))

$(if $(CONFIG_ROOTFS_BUILDROOT),$(O)/buildroot/.configure: | $(O)/host/newer)
