# SPDX-License-Identifier: GPL-2.0-only
#
# rust-analyzer - the project files of this language server:
# $(O)/rust-analyzer/linux/rust-project.json, and one for each module in Rust

ifneq ($(CONFIG_MODULES),)
rust-analyzer_folders := $(foreach m,$(modules),$(if $(filter \
	%.rs,$(modules_$(m)_files)),$(call modules_folder,$(m))))
rust-analyzer_builtin := $(foreach f,$(builtin_folders),$(if $(filter \
	%.rs,$(call modules_files,$(f))),$(f)))
endif

rust-analyzer_needs := linux $(if $(CONFIG_MODULES),modules)
rust-analyzer_steps := projects

rust-analyzer_names := linux $(notdir $(rust-analyzer_folders) $(rust-analyzer_builtin))
rust-analyzer_projects_in := $(toolchain) recipes/rust-analyzer/projects $(shell_lib)
rust-analyzer_projects_out := $(rust-analyzer_names:%=$(O)/rust-analyzer/%/rust-project.json)
rust-analyzer_off := there is no Rust in this kernel, it is off in the menu (CONFIG_LINUX_RUST)
# Its help is compile_commands.json's.
define rust-analyzer_projects
	$(if $(CONFIG_LINUX_RUST),,echo 'rust-analyzer: $(rust-analyzer_off)'; exit 1)
	recipes/rust-analyzer/projects $(abspath $(O) $(linux_src)) $(linux_edited) \
		"$(toolchain_root)" $(rust-analyzer_folders) $(rust-analyzer_builtin) -- \
		$(linux_make)
endef

$(call recipe,rust-analyzer,)
