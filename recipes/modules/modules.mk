# SPDX-License-Identifier: GPL-2.0-only
#
# modules - kmod/NAME and folders of yours built in $(O)/modules/NAME, and
# $(O)/modules/root, the tree /lib/modules of the guest with these and the
# kernel's own

modules_kmod := $(patsubst %/Kbuild,%,$(wildcard kmod/*/Kbuild))
ifeq ($(CONFIG_LINUX_RUST),)
modules_rust := $(sort $(patsubst kmod/%/,%,$(dir $(wildcard kmod/*/*.rs))))
modules_kmod := $(filter-out $(modules_rust:%=kmod/%),$(modules_kmod))
endif
modules_yours := $(if $(CONFIG_MODULES_HAS_FOLDERS),$(patsubst %/,%,$(call config_files,MODULES_FOLDERS)))
modules := $(notdir $(modules_kmod) $(modules_yours))
modules_folder = $(firstword $(filter %/$(1),$(modules_kmod) $(modules_yours)))

$(foreach m,$(filter root install kbuild,$(modules)),$(call config_error,$(call modules_folder,$(m)): a module \
	cannot have this name: $(O)/modules has other use for it))
ifneq ($(words $(sort $(modules))),$(words $(modules)))
$(call config_error,two folders of modules have the same name: $(modules_kmod) $(modules_yours))
endif
ifneq ($(and $(M),$(filter $(M),$(modules_rust))),)
$(call config_error,M=$(M): kmod/$(M) is in Rust$(comma) which is off in the menu (CONFIG_LINUX_RUST))
endif
ifneq ($(filter-out $(modules),$(M)),)
$(call config_error,M=$(M): there is no such folder with a Kbuild in kmod/$(comma) only: $(modules))
endif

# A module uses the symbols of another one when its Kbuild file says
# KBUILD_EXTRA_SYMBOLS := $(src)/../OTHER/Module.symvers, as for any kernel.
$(foreach m,$(modules),$(eval modules_uses_$(m) := $(patsubst %/Module.symvers,%,$(filter $(modules:%=%/Module.symvers),$(subst \
	/../, ,$(file <$(firstword $(wildcard $(addprefix $(call modules_folder,$(m))/,Kbuild Makefile)))))))))
modules_using = $(foreach m,$(modules),$(if $(filter $(1),$(modules_uses_$(m))),$(m)))

# Modules $(1) and what they lead to by the function $(2).
modules_closure = $(if $(1),$(call modules_more,$(1),$(2),$(filter-out $(1),$(call $(2),$(1)))))
modules_more = $(if $(3),$(call modules_closure,$(1) $(3),$(2)),$(1))
modules_used = $(sort $(foreach m,$(1),$(modules_uses_$(m))))

## M=: One module, alone: the name of its folder
# When it is to replace another one, those that use it come along, and the kernel
# is taken as it was built.
modules_linux := $(if $(filter module,$(goals)),,$(O)/linux/.build)
modules_alone := $(if $(filter-out modules module,$(goals)),,$(call modules_closure,$(if $(filter \
	module,$(goals)),$(call modules_closure,$(M),modules_using),$(M)),modules_used))

modules_steps := $(if $(modules_linux),kbuild) $(or $(modules_alone),$(modules) install)

# A test of M puts what is built of it into the machine.  So these come behind the
# root, which keeps what was installed of them.
modules_later := $(if $(and $(M),$(filter tested,$(goals))),$(call modules_closure,$(call modules_closure,$(M),modules_using),modules_used))
modules_later := $(if $(filter-out $(file <$(O)/modules/.install),$(modules_later:%=$(O)/modules/%)),,$(modules_later))
modules_ends := $(if $(modules_later),install)
$(modules_later:%=$(O)/modules/.%): | $(O)/modules/.install

ifneq ($(filter module,$(goals)),)
.PHONY: module
module: modules ; @:
ifeq ($(wildcard $(O)/modules/kbuild),)
$(error nothing is built in $(O) yet; run make first)
endif
endif

# What builds a folder, once for each configuration of the kernel: an edit of its
# sources leaves that as it is.
modules_kbuild_in := $(toolchain) recipes/modules/kbuild $(O)/linux/.configure
modules_kbuild_out := $(O)/modules/kbuild
define modules_kbuild
	recipes/modules/kbuild $(O)/modules/kbuild $(linux_obj) $(linux_make)
endef
$(O)/modules/.kbuild: | $(modules_linux)

# The files of module $(1), without folders and what does not go into it.
modules_all = $(if $(filter kmod/%,$(1)),$(filter-out $(1)/Makefile $(patsubst %/.,%,$(wildcard \
	$(1)/*/.)),$(wildcard $(1)/* $(1)/*/*)),$(shell find -L $(1) -name '.?*' -prune -o -type f -print))
modules_files = $(filter-out %~ %.t %.o %.ko %.mod %.mod.c %.a %.order %.symvers,$(call modules_all,$(call modules_folder,$(1))))

# The folders stay clean: the kernel's makefiles write beside the sources, so
# they get a copy.
define module
modules_$(1)_after := $(if $(modules_linux),kbuild) $(modules_uses_$(1))
modules_$(1)_in := $(modules_linux) $(toolchain) $(modules_files) recipes/modules/copy recipes/distrust
modules_$(1)_out := $(O)/modules/$(1)
define modules_$(1)
	recipes/modules/copy $(modules_folder) $(O)/modules/$(1) $(patsubst $(modules_folder)/%,%,$(modules_files))
	$$(call linux_distrust,$(abspath $(O))/modules/$(1))
	$(toolchain_enter) $(O)/modules/kbuild $(abspath $(O))/modules/$(1)
endef
endef
$(foreach m,$(modules),$(eval $(call module,$(m))))

modules_install_after := $(filter-out $(modules_later),$(modules))
modules_install_in := $(modules_linux) recipes/modules/install
modules_install_out := $(O)/modules/root
## modules: Build the kernel's modules and those of kmod/, or kmod/NAME with M=NAME
define modules_install
	recipes/modules/install $(O)/modules/root $(linux_obj) $(modules:%=$(O)/modules/%) -- \
		$(linux_make) $(if $(CONFIG_LINUX_DEBUG_INFO),INSTALL_MOD_STRIP=1)
endef

$(call recipe,modules,$(CONFIG_MODULES))
