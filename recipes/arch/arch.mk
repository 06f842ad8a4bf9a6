# SPDX-License-Identifier: GPL-2.0-only
#
# arch - an Arch Linux root: $(O)/arch/root.tar, unpacked in $(O)/arch/root

arch_steps := fetch unpack

arch_fetch_in := recipes/arch/fetch recipes/debian/as-root $(shell_lib) \
	$(call config,ARCH_PACKAGES)
arch_fetch_out := $(O)/arch/root.tar
define arch_fetch
	recipes/arch/fetch $(auto_conf) $(O)/arch/root.tar $(abspath $(DL))/arch
endef

arch_unpack_in := recipes/debian/unpack recipes/debian/as-root recipes/rootfs/password \
	$(shell_lib) $(call configs,ROOTFS,HOSTNAME PASSWORD PASSWORD_TEXT) \
	$(if $(wildcard $(O)/arch/root/etc/.),,FORCE)
## arch: Make the Arch root, if it is chosen in the menu
define arch_unpack
	recipes/debian/unpack $(auto_conf) $(O)/arch/root.tar $(O)/arch/root
endef

$(call recipe,arch,$(CONFIG_ROOTFS_ARCH))
