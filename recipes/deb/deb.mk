# SPDX-License-Identifier: GPL-2.0-only
#
# deb - the kernel as Debian packages in $(O)/deb, or as a tarball in $(O)/deb/targz, made by
# the kernel's own bindeb-pkg and targz-pkg

deb_texts := $(call configs,DEB,VERSION MAINTAINER DISTRIBUTION)
deb_goals := $(filter deb bindeb-pkg targz-pkg modules-deb,$(goals))
deb_pack = $(toolchain_enter) recipes/deb/pack $(1) $(auto_conf) $(linux_obj) \
	$(abspath $(O))/deb $(linux_make)

deb_steps := check bindeb-pkg targz-pkg $(if $(CONFIG_MODULES),modules-deb)
ifneq ($(and $(deb_goals),$(processor_cross)),)
$(call config_error,make $(firstword $(deb_goals)): packages are made of kernels for \
	x86-64$(comma) and this one is for $(processor_name) (CONFIG_LINUX_ARCH))
endif

# What is wrong with the input is said before the kernel is built; what is missing
# on this machine, too, so that is looked at now.
ifeq ($(toolchain),)
deb_missing := $(if $(deb_goals),$(shell recipes/deb/check $(auto_conf) $(O)/deb 2>&1))
endif
deb_check_after :=
deb_check_in := $(O)/linux/.configure recipes/deb/check $(shell_lib) $(deb_texts) \
	$(toolchain) $(if $(deb_missing),FORCE)
define deb_check
	# $(if $(CONFIG_DEB_DBG),dbg)
	$(toolchain_enter) recipes/deb/check $(auto_conf) $(O)/deb $(linux_make)
endef
$(addprefix $(O)/deb/.,$(filter-out check,$(deb_steps))) $(if \
	$(deb_goals),$(O)/linux/.build): | $(O)/deb/.check

deb_bindeb-pkg_after :=
deb_bindeb-pkg_in := $(O)/linux/.build recipes/deb/pack recipes/deb/hook src/engine/distrust \
	$(shell_lib) $(deb_texts)
deb_bindeb-pkg_out := $(O)/deb/*.deb $(O)/deb/manifest
## bindeb-pkg: Pack the kernel as Debian packages into $(O)/deb (targz-pkg: a tarball; modules-deb)
define deb_bindeb-pkg
	# $(SOURCE_DATE_EPOCH) $(if $(CONFIG_DEB_XZ),xz) $(if $(CONFIG_DEB_DBG),dbg)
	$(call linux_distrust,$(linux_obj))
	$(call deb_pack,bindeb-pkg)
endef
bindeb-pkg: $(O)/deb/.bindeb-pkg

deb_targz-pkg_after :=
deb_targz-pkg_in := $(O)/linux/.build recipes/deb/pack src/engine/distrust $(shell_lib)
deb_targz-pkg_out := $(O)/deb/targz
define deb_targz-pkg
	# $(SOURCE_DATE_EPOCH)
	$(call linux_distrust,$(linux_obj))
	$(call deb_pack,targz-pkg)
endef
targz-pkg: $(O)/deb/.targz-pkg

# Modules of kmod/ and of yours, as they are for that kernel and as sources for dkms
deb_modules-deb_after :=
deb_modules-deb_in := $(O)/modules/.install recipes/deb/modules $(shell_lib) $(deb_texts)
deb_modules-deb_out := $(O)/deb/modules/*.deb $(O)/deb/modules/manifest
define deb_modules-deb
	# $(SOURCE_DATE_EPOCH) $(CONFIG_DEB_REVISION) $(if $(CONFIG_DEB_XZ),xz)
	recipes/deb/modules $(auto_conf) $(O)/modules/root $(O)/deb/modules \
		$(modules:%=$(O)/modules/%) -- $(linux_make)
endef
modules-deb: $(if $(CONFIG_MODULES),$(O)/deb/.modules-deb)
ifeq ($(CONFIG_MODULES)$(filter-out modules-deb,$(goals)),)
$(call config_error,make modules-deb: modules are off in the menu (CONFIG_MODULES))
endif

.PHONY: bindeb-pkg targz-pkg modules-deb

# One at a time, for they work where the kernel and its modules are built.
ifneq ($(and $(CONFIG_MODULES),$(filter-out linux $(deb_goals),$(goals))),)
$(O)/deb/.bindeb-pkg $(O)/deb/.targz-pkg: | modules
endif
ifneq ($(filter deb bindeb-pkg check check-%,$(goals)),)
$(O)/deb/.targz-pkg: | $(O)/deb/.bindeb-pkg
endif

$(call recipe,deb,)
