# SPDX-License-Identifier: GPL-2.0-only
#
# debian - a Debian system: $(O)/debian/root.tar, unpacked to the folder $(O)/debian/root or to
# the disk $(O)/debian/disk.img

debian_foreign := $(CONFIG_PROCESSOR_FOREIGN)
debian_steps := fetch $(if $(debian_foreign),configure) unpack
debian_keys := $(if $(CONFIG_DEBIAN),$(call config_files,DEBIAN_SSH_KEYS))
debian_image := $(if $(CONFIG_ROOTFS_IMAGE),$(O)/debian/disk.$(if $(CONFIG_DEBIAN_QCOW2),qcow2,img))

debian_fetch_in := recipes/debian/fetch recipes/debian/as-root recipes/fetch/options \
	recipes/fetch/mmdebstrap $(shell_lib) $(call configs,LINUX,ARCH PERF) \
	$(call configs,DEBIAN,RELEASE VARIANT PACKAGES MIRROR SYSTEMD SSH BPFTRACE BCC)
debian_fetch_out := $(O)/debian/$(if $(debian_foreign),packages,root).tar
define debian_fetch
	recipes/debian/fetch $(auto_conf) $(debian_fetch_out) $(abspath $(DL))/debian
endef

# A machine with the lab's kernel installs the packages.  Another kernel is no reason to repeat it.
debian_configure_in := recipes/debian/configure recipes/debian/inside recipes/rootfs/stage \
	$(shell_lib)
debian_configure_out := $(O)/debian/root.tar
define debian_configure
	recipes/debian/configure $(auto_conf) $(abspath $(O)) $(debian_fetch_out) \
		$(debian_configure_out)
endef
ifneq ($(debian_foreign),)
$(O)/debian/.configure: | $(O)/host/vm $(O)/linux/.build $(O)/guest/.build $(O)/rootfs/.tool
endif

# Made again if it is gone, but not because the guest changed it.
debian_unpack_in := recipes/debian/unpack recipes/debian/as-root recipes/rootfs/password \
	$(shell_lib) $(call configs,DEBIAN,SIZE SSH_KEYS) $(debian_keys) \
	$(call configs,ROOTFS,HOSTNAME PASSWORD PASSWORD_TEXT DISK_ROOT) \
	$(if $(wildcard $(or $(debian_image),$(O)/debian/root/etc/.)),,FORCE)
## debian: Make the Debian root, if it is chosen in the menu
define debian_unpack
	recipes/debian/unpack $(auto_conf) $(O)/debian/root.tar $(O)/debian/root $(debian_image)
endef

$(call recipe,debian,$(CONFIG_DEBIAN))
