# SPDX-License-Identifier: GPL-2.0-only
#
# modules - kmod/NAME built in $(O)/modules/NAME, and $(O)/modules/root, the
# tree /lib/modules of the guest with these and the kernel's own

modules := $(patsubst kmod/%/Kbuild,%,$(wildcard kmod/*/Kbuild))

ifneq ($(filter root install,$(modules)),)
$(error kmod/$(firstword $(filter root install,$(modules))): a module cannot have this name, $(O)/modules has other use for it)
endif
ifneq ($(filter-out $(modules),$(M)),)
$(error M=$(M): there is no such folder with a Kbuild in kmod/, only: $(modules))
endif

## M=: One module of kmod/, alone
modules_needs := linux
modules_steps := $(or $(M),$(modules) install)

# The files of module $(1), without folders and what does not go into it.
modules_files = $(filter-out %~ %.t kmod/$(1)/Makefile $(patsubst %/.,%,$(wildcard \
	kmod/$(1)/*/.)),$(wildcard kmod/$(1)/* kmod/$(1)/*/*))

# kmod/ stays clean: the kernel's makefiles write beside the sources, so they
# get a copy.
define module
modules_$(1)_after :=
modules_$(1)_in := $(modules_files) recipes/modules/copy recipes/distrust
modules_$(1)_out := $(O)/modules/$(1)
define modules_$(1)
	recipes/modules/copy kmod/$(1) $(O)/modules/$(1) $(patsubst kmod/$(1)/%,%,$(modules_files))
	$$(call linux_distrust,$(abspath $(O))/modules/$(1))
	$$(linux_make) M=$(abspath $(O))/modules/$(1) modules
endef
endef
$(foreach m,$(modules),$(eval $(call module,$(m))))

modules_install_after := $(modules)
modules_install_in := recipes/modules/install
modules_install_out := $(O)/modules/root
## modules: Build the kernel's modules and those of kmod/, or kmod/NAME with M=NAME
define modules_install
	recipes/modules/install $(O)/modules/root $(linux_obj) $(modules:%=$(O)/modules/%) -- \
		$(linux_make) $(if $(CONFIG_LINUX_DEBUG_INFO),INSTALL_MOD_STRIP=1)
endef

$(call recipe,modules,$(CONFIG_MODULES))
