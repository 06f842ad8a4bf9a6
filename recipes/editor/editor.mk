# SPDX-License-Identifier: GPL-2.0-only
#
# editor - files for editors: $(O)/compile_commands.json, tags, settings

editor_needs := linux $(if $(CONFIG_MODULES),modules) $(if $(CONFIG_LINUX_BPF),bpf)
editor_steps := commands

editor_commands_in := recipes/editor/commands recipes/editor/gcc-only $(shell_lib)
editor_commands_out := $(O)/compile_commands.json
## compile_commands.json: Write how all was compiled, for clangd (also rust-analyzer, for that)
define editor_commands
	recipes/editor/commands $(abspath $(O) $(linux_src)) $(linux_edited) $(modules_kmod) \
		$(modules_yours) -- $(builtin_folders)
endef

$(call recipe,editor,)

.PHONY: compile_commands.json tags cscope editor

compile_commands.json: $(O)/editor/.commands ; @:

# The kernel's own script, on what was compiled; then the modules.
index = $(linux_make) -s COMPILED_SOURCE=1 KBUILD_ABS_SRCTREE=1
module_files = $(filter-out odd-names-%,$(foreach folder,$(modules_kmod) $(modules_yours),$(call \
	modules_files,$(folder))))
module_sources = $(abspath $(filter %.c %.h %.S,$(module_files)))

editor_named := $(if $(linux_renamed),$(linux_names),cat)

# They go to these programs in a file, for one word of a shell may have 128 KiB.
module_list := $(O)/editor/sources
write_list = $(if $(dry),,$(file >$(module_list),$(subst $(space),$(newline),$(module_sources))))

## tags: Index all that was compiled, for vi and emacs: $(O)/tags (also cscope, for that)
tags: $(call after,editor,commands)
	@$(plus)$(write_list)$(index) tags
	$(editor_named) $(linux_obj)/tags >$(O)/tags
	rm $(linux_obj)/tags
	$(if $(module_sources),ctags -a -f $(O)/tags -L $(module_list))

cscope: $(call after,editor,commands)
	@$(plus)$(write_list)$(index) cscope
	$(editor_named) $(linux_obj)/cscope.files $(module_list) >$(O)/cscope.files
	rm $(linux_obj)/cscope.*
	cd $(O) && cscope -b

## editor: Write settings for VS Code, clangd, ccls, direnv; NVIM=1: Neovim; keeps yours
editor: $(O)/editor/.commands
	@recipes/editor/write $(abspath $(O) $(DL) $(linux_src)) $(if $(filter 1,$(NVIM)),.nvim.lua)
