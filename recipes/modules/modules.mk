# SPDX-License-Identifier: GPL-2.0-only
#
# modules - kmod/NAME and your own folders, built in $(O)/modules/NAME; $(O)/modules/root has
# the guest's /lib/modules with these and the kernel's own modules

modules_kmod := $(patsubst %/Kbuild,%,$(wildcard kmod/*/Kbuild))
ifeq ($(CONFIG_LINUX_RUST),)
modules_rust := $(sort $(patsubst kmod/%/,%,$(dir $(wildcard kmod/*/*.rs))) \
	$(notdir $(folders_rust)))
modules_kmod := $(filter-out $(modules_rust:%=kmod/%),$(modules_kmod))
endif
modules_yours := $(folders_yours)
modules_kmod := $(filter-out $(addprefix kmod/,$(notdir $(modules_yours))),$(modules_kmod))
modules_makefile = $(firstword $(wildcard $(1)/Kbuild $(1)/Makefile))
modules_none = $(call config_error,CONFIG_MODULES_FOLDERS: $(1) has neither a Kbuild nor a Makefile\
	$(comma) so there is no module; name the folder that has)
$(foreach f,$(filter-out $(folders_dkms),$(modules_yours)),$(if \
	$(call modules_makefile,$(f)),,$(call modules_none,$(f))))
modules_needs_rust = $(call config_error,CONFIG_MODULES_FOLDERS: $(1) is in Rust$(comma) which is \
	off in the menu (CONFIG_LINUX_RUST))
$(if $(CONFIG_LINUX_RUST),,$(foreach f,$(filter-out $(folders_dkms),$(modules_yours)),$(if \
	$(wildcard $(f)/*.rs),$(call modules_needs_rust,$(f)))))

# Those that dkms builds, in a room of their own or not at all.
ifneq ($(folders_dkms),)
modules_no_conf := $(firstword $(foreach f,$(filter-out \
	$(folders_fetched),$(folders_dkms)),$(if $(wildcard $(f)/dkms.conf),,$(f))))
ifneq ($(modules_no_conf),)
$(call config_error,CONFIG_MODULES_DKMS: $(modules_no_conf) has no dkms.conf; name a folder that \
	has one)
endif
ifneq ($(lab_goals),)
modules_no_dkms := $(shell recipes/modules/dkms check $(dkms_suite) $(dkms_packages))
ifneq ($(modules_no_dkms),)
$(call config_error,CONFIG_MODULES_DKMS=$(dkms_named): $(modules_no_dkms))
endif
endif
endif

# Those in the kernel itself are none.
modules_kmod := $(filter-out $(builtin_folders),$(modules_kmod))
modules_yours := $(filter-out $(builtin_folders),$(modules_yours))
modules := $(notdir $(modules_kmod) $(modules_yours))
modules_folder = $(firstword $(filter %/$(1),$(modules_kmod) $(modules_yours)))

# The tree around a folder of yours: that of the menu, or the git repository; but not one
# with the home folder in it, a kernel, or this checkout, unless that is a repository of its
# own; or, in a project, its kmod/.
modules_trees := $(if $(and $(CONFIG_MODULES_HAS_FOLDERS),$(CONFIG_MODULES_HAS_TREES)),$(realpath \
	$(call config_files,MODULES_TREES,folder)))
modules_repository = $(if $(1),$(if $(wildcard $(1)/.git),$(1),$(call \
	modules_repository,$(patsubst %/,%,$(dir $(1))))))
modules_no_tree = $(strip $(filter $(1)/%,$(abspath $(HOME))/ $(realpath $(HOME))/) $(filter \
	$(1),$(CURDIR)) $(if $(wildcard .git),,$(filter $(1)/%,$(CURDIR)/)) \
	$(wildcard $(1)/scripts/kconfig))
modules_around = $(or $(firstword $(foreach t,$(modules_trees),$(if \
	$(filter $(t)/%,$(1)),$(t)))), \
	$(call modules_of_git,$(call modules_repository,$(1))), \
	$(filter $(1:%/$(notdir $(1))=%),$(patsubst %,%/kmod,$(realpath $(external)))))
modules_of_git = $(if $(call modules_no_tree,$(1)),,$(1))
modules_tree = $(if $(filter $(1),$(folders_dkms)),,$(filter-out \
	$(realpath $(1)),$(call modules_around,$(realpath $(1)))))
$(foreach f,$(modules_yours),$(eval modules_tree_$(notdir $(f)) := $(call modules_tree,$(f))))

modules_misnamed = $(call config_error,$(call modules_folder,$(1)): a module cannot have this \
	name: $(O)/modules is reserved)
$(foreach m,$(filter root install kbuild include %.tree,$(modules)),$(call modules_misnamed,$(m)))
$(foreach m,$(filter $(bpf),$(modules)),$(call config_error,$(call modules_folder,$(m)) and \
	bpf/$(m) have the same name))
ifneq ($(words $(sort $(modules))),$(words $(modules)))
$(call config_error,two folders of modules have the same name: $(modules_kmod) $(modules_yours))
endif
ifneq ($(and $(M),$(filter $(M),$(modules_rust))),)
$(call config_error,M=$(M): kmod/$(M) is in Rust$(comma) which is off in the menu \
	(CONFIG_LINUX_RUST))
endif
ifneq ($(and $(M),$(filter $(M),$(builtin))),)
$(call config_error,M=$(M) is in the kernel itself (CONFIG_MODULES_BUILTIN))
endif
ifneq ($(filter-out $(modules),$(M)),)
$(call config_error,M=$(M): there is no such folder with a Kbuild in kmod/$(comma) only: $(modules))
endif

# Where FIX=y writes to is to be a fragment, so make must stand its name.
modules_fix := $(value MODULES_FIX)
modules_fix_folder := $(if $(modules_fix),$(or $(wildcard $(dir $(modules_fix)).),none))
ifneq ($(modules_fix),)
ifneq ($(call odd_in,$(modules_fix))$(word 2,$(modules_fix)),)
$(error MODULES_FIX=$(modules_fix): make cannot handle this file name; use only \
	letters$(comma) digits and . _ + - @)
endif
ifneq ($(wildcard $(modules_fix)/.)$(filter none,$(modules_fix_folder)),)
$(error MODULES_FIX=$(modules_fix): its folder does not exist: name a file in an existing folder)
endif
endif

# A module uses the symbols of another one when its Kbuild file says
# KBUILD_EXTRA_SYMBOLS := $(src)/../OTHER/Module.symvers, as for any kernel.
modules_text = $(if $(call modules_makefile,$(1)),$(file <$(call modules_makefile,$(1))))
modules_words = $(subst /../, ,$(call modules_text,$(1)))
modules_symvers = $(filter $(modules:%=%/Module.symvers),$(call modules_words,$(1)))
modules_named = $(patsubst %/Module.symvers,%,$(call modules_symvers,$(1)))
# Or it names the other folder itself, where no such file is: its copy's is taken then.
modules_paths = $(filter /%/Module.symvers,$(subst =,= ,$(call modules_text,$(1))))
modules_path = $(abspath $(call modules_folder,$(1)))/Module.symvers
modules_met = $(if $(1),$(foreach m,$(modules),$(if $(filter $(call modules_path,$(m)),$(1)),$(m))))
modules_by_path = $(call modules_met,$(call modules_paths,$(call modules_folder,$(1))))
modules_by_name = $(call modules_named,$(call modules_folder,$(1)))
$(foreach m,$(modules),$(eval modules_uses_$(m) := $(sort \
	$(call modules_by_name,$(m)) $(call modules_by_path,$(m)))))
modules_symvers_for = $(if $(call modules_by_path,$(1))$(and \
	$(modules_tree_$(1)),$(modules_uses_$(1))),$(modules_uses_$(1):%=$(abspath \
	$(O))/modules/%/Module.symvers) $(filter-out $(foreach m,$(modules),$(call \
	modules_path,$(m))),$(call modules_paths,$(call modules_folder,$(1)))))
modules_using = $(foreach m,$(modules),$(if $(filter $(1),$(modules_uses_$(m))),$(m)))

# The modules $(1), and all that the function $(2) leads to from them.
modules_closure = $(if $(1),$(call modules_more,$(1),$(2),$(filter-out $(1),$(call $(2),$(1)))))
modules_more = $(if $(3),$(call modules_closure,$(1) $(3),$(2)),$(1))
modules_used = $(sort $(foreach m,$(1),$(modules_uses_$(m))))

# A module with ccflags-y := -I$(src)/../include in its Kbuild file includes files of kmod/include,
# which is copied next to the modules.
modules_headers := $(wildcard kmod/include/*.h)
modules_includes = $(if $(modules_headers),$(findstring \
	/../include,$(call modules_text,$(call modules_folder,$(1)))))
modules_including := $(foreach m,$(modules),$(if $(call modules_includes,$(m)),$(m)))

## M=: Build only this module: the name of its folder
## FIX=: With y write the kernel options that it needs into its linux.config, and build again
## MODULES_FIX=: Write them into this file instead, and add it to LINUX_FRAGMENTS
# To replace a loaded module, the modules that use it are built, too, and the kernel is not rebuilt.
modules_linux := $(if $(filter module,$(goals)),,$(O)/linux/.build)
modules_users := $(call modules_closure,$(M),modules_using)
modules_asked := $(if $(filter module,$(goals)),$(modules_users),$(M))
ifeq ($(filter-out modules module,$(goals)),)
modules_alone := $(call modules_closure,$(modules_asked),modules_used)
endif

modules_built := $(or $(modules_alone),$(modules))
modules_shared := $(if $(filter $(modules_including),$(modules_built)),include)
modules_root := $(if $(modules_alone),,install)
modules_steps := $(if $(modules_linux),kbuild) $(modules_shared) $(modules_built) $(modules_root)

# A test of M copies its new build into the machine, so these steps come after the root, which keeps
# the previously installed modules.
ifneq ($(filter tested,$(goals)),)
modules_later := $(call modules_closure,$(modules_users),modules_used)
ifneq ($(filter-out $(file <$(O)/modules/.install),$(modules_later:%=$(O)/modules/%)),)
modules_later :=
endif
endif
modules_ends := $(if $(modules_later),install)
$(modules_later:%=$(O)/modules/.%): | $(O)/modules/.install

# make -n reload does everything in one make.
ifneq ($(filter module reload,$(goals)),)
.PHONY: module
module: modules ; @:
ifeq ($(if $(filter module,$(goals)),$(wildcard $(O)/modules/kbuild),dry),)
$(error nothing is built in $(O) yet; run make first)
endif
endif

# Files that build a module's folder, made once per configuration of the kernel: edits of the
# module's sources do not change them.
modules_kbuild_in := $(toolchain) $(addprefix recipes/modules/,kbuild typed sign) \
	$(O)/linux/.configure
modules_kbuild_out := $(O)/modules/kbuild
define modules_kbuild
	recipes/modules/kbuild $(O)/modules/kbuild $(linux_obj) $(linux_make)
endef
$(O)/modules/.kbuild: | $(modules_linux)

modules_include_after := nothing
modules_include_in := $(modules_headers) recipes/modules/copy
modules_include_out := $(O)/modules/include
define modules_include
	printf '%s\n' $(notdir $(modules_headers)) | recipes/modules/copy kmod/include \
		$(O)/modules/include
endef

# The source files of a module in the folder $(1).
modules_files = $(call modules_files_$(if $(filter kmod/%,$(1)),kmod,yours),$(1))
modules_files_kmod = $(filter-out %~ %.md %.t %.o %.ko %.mod %.mod.c %.a %.order %.symvers,$(call \
	modules_all_in_kmod,$(1)))
modules_all_in_kmod = $(filter-out $(1)/Makefile $(patsubst \
	%/.,%,$(wildcard $(1)/*/.)),$(wildcard $(1)/* $(1)/*/*))
modules_files_yours = $(shell recipes/modules/files $(1))

# Files that the module $(1) read outside of its folder may have changed.
modules_read = $(call modules_reread,$(1),$(file <$(O)/modules/$(1)/.read))
modules_reread = $(if $(2),$(if $(shell find $(filter-out \
	FORCE,$(2)) -newercm $(O)/modules/.$(1) -print -quit 2>&1)$(filter FORCE,$(2)),FORCE))

# The kernel's makefiles write next to the sources, so modules are built in copies.  Module $(1) is
# in folder $(2), which may hold thousands of files.
define module
modules_$(1)_files := $$(call modules_files,$(2))
modules_$(1)_plain := $$(filter-out odd-names-%,$$(modules_$(1)_files))
modules_$(1)_after := $(if $(modules_linux),kbuild) $(modules_uses_$(1)) $(if $(filter \
	$(1),$(modules_including)),include)
modules_$(1)_in := $(modules_linux) $(toolchain) $$(modules_$(1)_plain) \
	$(addprefix recipes/modules/,place copy build undefined missing) src/engine/distrust \
	$(shell_lib) \
	$(if $(filter kmod/%,$(2)),,$(call config,MODULES_ARGS)) \
	$(if $(modules_tree_$(1)),$(call modules_read,$(1)))
modules_$(1)_out := $(O)/modules/$(1)
define modules_$(1)
	# $$(filter odd-names-%,$$(modules_$(1)_files))
	recipes/modules/place $(O)/modules/$(1) $(2) $(modules_tree_$(1))
	$(if $(filter kmod/%,$(2)),printf '%s\n' $$(patsubst \
		$(2)/%,'%',$$(modules_$(1)_plain)),recipes/modules/files all $(2)) |
		recipes/modules/copy $(2) $(O)/modules/$(1)
	$$(call linux_distrust,$(abspath $(O))/modules/$(1))
	recipes/modules/build $(auto_conf) $(2) $(abspath $(O))/modules/$(1) \
		$(or $(modules_tree_$(1)),-) $(call modules_symvers_for,$(1)) \
		-- $(toolchain_enter) $(O)/modules/kbuild || {
		recipes/modules/undefined $(O)/modules/$(1) $(O)/modules/$(1).log \
			$(linux_obj)/Module.symvers $(O)/modules/*/Module.symvers |
			recipes/modules/missing symbols $(linux_src) $(linux_obj)/.config \
				$(2)/linux.config
		exit 1
	}
endef
endef

# Built by dkms, which reads only the folder $(2) and the kernel.  A fetched folder does not change,
# and may be created after make has read this.
define module_by_dkms
modules_$(1)_files := $(if $(filter $(2),$(folders_fetched)),$(2:%/$(1)=%)/.fetched,$$(call \
	modules_files,$(2)))
modules_$(1)_after := $(if $(modules_linux),kbuild)
modules_$(1)_in := $(modules_linux) $$(filter-out odd-names-%,$$(modules_$(1)_files)) \
	$(addprefix recipes/modules/,dkms undefined missing sign) $(shell_lib) $(sandbox)
modules_$(1)_out := $(O)/modules/$(1)
define modules_$(1)
	# $$(filter odd-names-%,$$(modules_$(1)_files))
	recipes/modules/dkms build $(2) $(O)/modules/$(1) $(linux_obj) \
		$(abspath $(linux_src) $(if $(linux_farmed),$(linux_from))) || {
		recipes/modules/missing symbols $(linux_src) $(linux_obj)/.config \
			$(if $(filter $(2),$(folders_fetched)),$(O),$(2))/linux.config \
			<$(O)/modules/$(1).log
		exit 1
	}
	recipes/modules/sign $(linux_obj) $(O)/modules/$(1)
endef
endef
module_of = $(if $(filter $(2),$(folders_dkms)),$(call module_by_dkms,$(1),$(2)),$(call \
	module,$(1),$(2)))
$(foreach m,$(modules),$(eval $(call module_of,$(m),$(call modules_folder,$(m)))))

modules_install_after := $(filter-out $(modules_later),$(modules))
modules_install_in := $(toolchain) $(modules_linux) $(addprefix recipes/modules/,install sign) \
	$(shell_lib)
modules_install_out := $(O)/modules/root
## modules: Build the kernel's modules and those of kmod/, or kmod/NAME with M=NAME
define modules_install
	$(toolchain_enter) recipes/modules/install $(O)/modules/root $(linux_obj) \
		$(modules:%=$(O)/modules/%) -- $(linux_make) \
		$(if $(CONFIG_LINUX_DEBUG_INFO),INSTALL_MOD_STRIP=1)
endef

$(call recipe,modules,$(CONFIG_MODULES))

$(eval $(call source_update,modules,$(dkms_fetched)))
