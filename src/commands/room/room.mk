# SPDX-License-Identifier: GPL-2.0-only
#
# room - lists what takes disk space in the output and download folders, and what no lab uses

# Labs share $(DL), and each records there what it uses.  A lab with LINUX_DIR= may use other
# sources when make is run without it.  Labs that tests and commands make are temporary and
# record nothing: KILN_TEMPORARY.
room_trees := $(LINUX_DIR)$(BUSYBOX_DIR)$(QEMU_DIR)
room_used := $(strip $(sort $(linux_default) $(if $(LINUX_DIR),,$(linux_name)) \
	$(if $(BUSYBOX_DIR),,$(busybox_name)) $(if $(CONFIG_QEMU_BUILT),$(if \
	$(QEMU_DIR),,$(qemu_name)) $(notdir $(qemu_meson))) $(notdir $(toolchain_root))))
room_note := $(strip $(if $(room_trees),some) $(abspath $(DL)) $(room_used))
ifneq ($(and $(locked),$(if $(dry)$(config_edited)$(KILN_TEMPORARY),,y)),)
ifneq ($(call text_of,$(O)/.noted),$(room_note))
$(shell src/commands/room/note write $(if $(room_trees),-k) $(abspath $(O) $(DL)) $(room_used))
$(if $(wildcard $(O)/.),$(file >$(O)/.noted,$(room_note)))
endif
endif

# Folders of recipes that are off, and of modules and patches that no longer exist.
room_recipes := arch buildroot busybox debian linux modules qemu
room_of_modules := $(filter-out $(foreach m,root kbuild include $(modules) $(foreach \
	m,$(modules),$(if $(modules_tree_$(m)),$(m).tree)),$(O)/modules/$(m)), \
	$(patsubst %/.,%,$(wildcard $(O)/modules/*/.)))
room_unused := $(wildcard $(patsubst %,$(O)/%,$(filter-out $(recipes_on),$(room_recipes)) \
	$(if $(linux_copied),,linux/src)) $(O)/config-diff) $(if $(M),,$(room_of_modules))

.PHONY: room gc

## room: Show what takes disk space, and which of it no lab uses; gc: show that and remove it
room gc:
	@src/commands/room/room $@ $(abspath $(O) $(DL) $(room_unused))
