# SPDX-License-Identifier: GPL-2.0-only
#
# deb - the kernel as Debian packages in $(O)/deb, as a tarball in $(O)/deb/targz,
# made by the kernel's own bindeb-pkg and targz-pkg

deb_texts := $(foreach s,DEB_VERSION DEB_MAINTAINER DEB_DISTRIBUTION,$(call config,$(s)))
deb_goals := $(filter deb bindeb-pkg targz-pkg,$(goals))

deb_steps := check bindeb-pkg targz-pkg

# What is wrong with the input is said before the kernel is built; what is missing
# on this machine, too, so that is looked at now.
deb_check_after :=
deb_check_in := $(O)/linux/.configure recipes/deb/check recipes/config-value $(deb_texts) \
	$(toolchain) \
	$(if $(and $(deb_goals),$(if $(toolchain),,$(shell recipes/deb/check $(auto_conf) $(O)/deb 2>&1))),FORCE)
define deb_check
	# $(if $(CONFIG_DEB_DBG),dbg)
	$(toolchain_enter) recipes/deb/check $(auto_conf) $(O)/deb $(linux_make)
endef
$(O)/deb/.bindeb-pkg $(O)/deb/.targz-pkg $(if $(deb_goals),$(O)/linux/.build): | $(O)/deb/.check

deb_bindeb-pkg_after :=
deb_bindeb-pkg_in := $(O)/linux/.build recipes/deb/pack recipes/deb/hook recipes/distrust recipes/config-value $(deb_texts)
deb_bindeb-pkg_out := $(O)/deb/*.deb $(O)/deb/manifest
## bindeb-pkg: Pack the kernel as Debian packages into $(O)/deb
define deb_bindeb-pkg
	# $(SOURCE_DATE_EPOCH) $(if $(CONFIG_DEB_XZ),xz) $(if $(CONFIG_DEB_DBG),dbg)
	$(call linux_distrust,$(linux_obj))
	$(toolchain_enter) recipes/deb/pack bindeb-pkg $(auto_conf) $(linux_obj) $(abspath $(O))/deb $(linux_make)
endef
bindeb-pkg: $(O)/deb/.bindeb-pkg

deb_targz-pkg_after :=
deb_targz-pkg_in := $(O)/linux/.build recipes/deb/pack recipes/distrust recipes/config-value
deb_targz-pkg_out := $(O)/deb/targz
## targz-pkg: Pack the kernel as a tarball into $(O)/deb/targz
define deb_targz-pkg
	# $(SOURCE_DATE_EPOCH)
	$(call linux_distrust,$(linux_obj))
	$(toolchain_enter) recipes/deb/pack targz-pkg $(auto_conf) $(linux_obj) $(abspath $(O))/deb $(linux_make)
endef
targz-pkg: $(O)/deb/.targz-pkg

.PHONY: bindeb-pkg targz-pkg

# One at a time, for they work where the kernel and its modules are built.
ifneq ($(and $(CONFIG_MODULES),$(filter-out linux $(deb_goals),$(goals))),)
$(O)/deb/.bindeb-pkg $(O)/deb/.targz-pkg: | modules
endif
ifneq ($(filter deb bindeb-pkg check check-full,$(goals)),)
$(O)/deb/.targz-pkg: | $(O)/deb/.bindeb-pkg
endif

# The tests look at them.
$(if $(filter recipes/deb/deb.t,$(or $(T),recipes/deb/deb.t)),check check-full: bindeb-pkg targz-pkg)

$(call recipe,deb,)
