# SPDX-License-Identifier: GPL-2.0-only
#
# rootfs - the machine's initramfs, $(O)/rootfs/initramfs.cpio, packed from the readable list
# $(O)/rootfs/list.  It is the root itself, with /etc from $(O)/rootfs/etc and
# recipes/rootfs/files; or the first stage for a root elsewhere: Debian's, the user's
# $(O)/rootfs/disk, or this machine's own.  The user's archive, $(O)/rootfs/user.cpio, is
# appended to it.

rootfs-y := guest
rootfs-$(CONFIG_ROOTFS_BUILDROOT) += buildroot
rootfs-$(CONFIG_ROOTFS_INITRAMFS) += busybox
rootfs-$(and $(CONFIG_ROOTFS_INITRAMFS),$(CONFIG_LINUX_BPF)) += bpf
rootfs-$(CONFIG_LINUX_PERF) += perf
rootfs-$(CONFIG_DEBIAN) += debian
rootfs-$(CONFIG_ROOTFS_ARCH) += arch
rootfs-$(CONFIG_MODULES) += modules
rootfs_needs := $(rootfs-y)
rootfs_modules := $(if $(CONFIG_MODULES),$(O)/modules/root)

# Any change in the user's folder changes this text.
rootfs_overlay := $(if $(and $(CONFIG_ROOTFS_HAS_OVERLAY),$(lab_goals)),$(shell \
	recipes/rootfs/overlay $(auto_conf)))

remedy_ROOTFS_DQIB_DIR := : unpack DQIB's $(processor_dqib) \
	(https://people.debian.org/~gio/dqib/), and name its folder in the menu
rootfs_name := $(call config_files,ROOTFS_FILE_NAME)
# What is in the folder is looked at by the step, that it is there here.
rootfs_dqib := $(if $(CONFIG_ROOTFS_DQIB),$(call config_files,ROOTFS_DQIB_DIR,folder))

rootfs_steps := $(if $(CONFIG_ROOTFS_IS_FILE),file) \
	$(if $(CONFIG_ROOTFS_INITRAMFS),list,stage) tool pack

# An initramfs of the user's, which has an /init of its own.
rootfs_other := $(CONFIG_ROOTFS_IS_CPIO)$(CONFIG_ROOTFS_DQIB_KERNEL)

rootfs_file_after :=
rootfs_file_in := recipes/rootfs/file $(shell_lib) $(rootfs_name) \
	$(call configs,ROOTFS,FILE_NAME DQIB_DIR DISK_ROOT DQIB_KERNEL IS_QCOW2 IS_CPIO)
rootfs_file_out := $(O)/rootfs/$(if $(CONFIG_ROOTFS_IS_CPIO),user.cpio,disk)
define rootfs_file
	recipes/rootfs/file $(auto_conf) $(O)/rootfs $(buildroot_image)
endef

rootfs_init := $(if $(rootfs_other),/kiln)/init
rootfs_stage_after := $(if $(CONFIG_ROOTFS_IS_FILE),file)
rootfs_stage_in := recipes/rootfs/stage
rootfs_stage_out := $(O)/rootfs/list
define rootfs_stage
	recipes/rootfs/stage $(O)/rootfs $(O)/guest/init $(rootfs_init) $(rootfs_modules)
endef

rootfs_list_after :=
rootfs_list_in := recipes/rootfs/list recipes/rootfs/password $(shell_lib) \
	$(patsubst %,recipes/rootfs/files/%,etc/fstab etc/inittab etc/mdev.conf \
		etc/profile etc/init.d/network etc/init.d/rcK etc/init.d/rcS \
		usr/share/udhcpc/default.script) \
	$(call configs,ROOTFS,HOSTNAME OVERLAY PASSWORD PASSWORD_TEXT)
rootfs_list_out := $(O)/rootfs/list $(O)/rootfs/etc/shadow
define rootfs_list
	# $(if $(CONFIG_ROOTFS_AUTOLOGIN),autologin) $(rootfs_overlay)
	recipes/rootfs/list $(auto_conf) $(O)/rootfs $(O)/guest/init \
		$(busybox_program) $(busybox_links) '$(rootfs_modules)' \
		$(bpf_programs) $(perf_program)
endef

# The kernel's own packer writes owners and devices without being root.
rootfs_tool_after := nothing
rootfs_packer := $(linux_from)/usr/gen_init_cpio.c
rootfs_tool_in := $(linux_fetched)
ifneq ($(LINUX_DIR),)
rootfs_tool_in := $(linux_is_built:y=$(O)/linux/.configure) $(rootfs_packer)
endif
rootfs_tool_out := $(O)/rootfs/gen_init_cpio
define rootfs_tool
	cc -O2 -o $(O)/rootfs/gen_init_cpio $(rootfs_packer)
endef

rootfs_pack_after := $(filter-out pack,$(rootfs_steps))
rootfs_pack_out := $(O)/rootfs/initramfs.cpio
## rootfs: Pack the root file system
define rootfs_pack
	$(O)/rootfs/gen_init_cpio -t 0 $(O)/rootfs/list >$(O)/rootfs/initramfs.cpio.new
	$(if $(rootfs_other),cat $(O)/rootfs/user.cpio >>$(O)/rootfs/initramfs.cpio.new)
	mv $(O)/rootfs/initramfs.cpio.new $(O)/rootfs/initramfs.cpio
endef

$(call recipe,rootfs,y)
