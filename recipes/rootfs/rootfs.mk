# SPDX-License-Identifier: GPL-2.0-only
#
# rootfs - the root, packed from the readable list $(O)/rootfs/list into
# $(O)/rootfs/initramfs.cpio; its etc is $(O)/rootfs/etc and recipes/rootfs/files

rootfs_needs := guest busybox $(if $(CONFIG_MODULES),modules)
rootfs_modules := $(if $(CONFIG_MODULES),$(O)/modules/root)
rootfs_auto_conf := $(O)/include/config/auto.conf

# Any change in the user's folder changes this text.
rootfs_overlay := $(if $(and $(CONFIG_ROOTFS_HAS_OVERLAY),$(lab_goals)),$(shell \
	recipes/rootfs/overlay $(rootfs_auto_conf)))

rootfs_steps := list tool pack

rootfs_list_in := recipes/rootfs/list recipes/config-value \
	$(patsubst %,recipes/rootfs/files/%,etc/fstab etc/inittab etc/mdev.conf \
		etc/profile etc/init.d/network etc/init.d/rcK etc/init.d/rcS \
		usr/share/udhcpc/default.script) \
	$(foreach s,HOSTNAME OVERLAY PASSWORD PASSWORD_TEXT,$(call config,ROOTFS_$(s)))
rootfs_list_out := $(O)/rootfs/list $(O)/rootfs/etc/shadow
define rootfs_list
	# $(if $(CONFIG_ROOTFS_AUTOLOGIN),autologin) $(rootfs_overlay)
	recipes/rootfs/list $(rootfs_auto_conf) $(O)/rootfs $(O)/guest/init $(busybox_program) $(busybox_links) $(rootfs_modules)
endef

# The kernel's own packer writes owners and devices without being root.
rootfs_tool_after :=
rootfs_tool_in := $(if $(LINUX_DIR),$(linux_from)/usr/gen_init_cpio.c,$(linux_fetched))
rootfs_tool_out := $(O)/rootfs/gen_init_cpio
define rootfs_tool
	cc -O2 -o $(O)/rootfs/gen_init_cpio $(linux_from)/usr/gen_init_cpio.c
endef

rootfs_pack_after := list tool
rootfs_pack_out := $(O)/rootfs/initramfs.cpio
## rootfs: Pack the root file system
define rootfs_pack
	$(O)/rootfs/gen_init_cpio -t 0 $(O)/rootfs/list >$(O)/rootfs/initramfs.cpio.new
	mv $(O)/rootfs/initramfs.cpio.new $(O)/rootfs/initramfs.cpio
endef

$(call recipe,rootfs,y)
